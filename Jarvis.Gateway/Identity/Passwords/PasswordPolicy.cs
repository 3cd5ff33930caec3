using Jarvis.Gateway.Identity.Accounts;
using Microsoft.AspNetCore.Identity;

namespace Jarvis.Gateway.Identity.Passwords;

/// <summary>
/// Which passwords are taken (NIST SP 800-63B-4): 12 to 128 Unicode code points, nothing common, no rules of composition. They are used as they were sent,
/// without Unicode normalization.
/// </summary>
internal sealed class PasswordPolicy(CommonPasswords common) : IPasswordValidator<Account>
{
    public const int MinLength = 12;
    public const int MaxLength = 128;

    /// <summary>UTF-16 units that any password has at most; longer fields are not looked at.</summary>
    public const int MaxUnits = MaxLength * 2;

    // Fewer than these and a password is a repetition or a walk, whatever its length.
    private const int MinDistinct = 5;
    private const int MinSteps = 3;

    /// <summary>What is wrong with it, one sentence each, to be read after the field's name; empty when nothing is.</summary>
    public IReadOnlyList<string> Problems(string password, string? email, string? name)
    {
        var length = password.EnumerateRunes().Count();
        if (length is < MinLength or > MaxLength)
            return [$"must have {MinLength} to {MaxLength} characters"];
        List<string> problems = [];
        var folded = CommonPasswords.Fold(password);
        if (common.Contains(password))
            problems.Add("is one of the passwords that are tried first; choose a less common one");
        if (IsMonotonous(folded))
            problems.Add("is a repetition or a sequence; choose a less regular one");
        if (IsOf(folded, email) || IsOf(folded, email?.Split('@')[0]) || IsOf(folded, name))
            problems.Add("is made of your e-mail address or name");
        if (IsOf(folded, "jarvis"))
            problems.Add("is made of the product's name");
        return problems;
    }

    /// <summary>Reads the field of a new password; empty when it is missing or refused.</summary>
    public string Read(BodyReader body, string field, string? email, string? name = null)
    {
        var password = body.Text(field, MaxUnits);
        if (password.Length == 0)
            return "";
        foreach (var problem in Problems(password, email, name))
            body.Wrong(field, problem);
        return password;
    }

    public Task<IdentityResult> ValidateAsync(UserManager<Account> manager, Account user, string? password) =>
        Task.FromResult(Problems(password ?? "", user.Email, user.Name) is { Count: > 0 } problems
            ? IdentityResult.Failed([.. problems.Select(problem => new IdentityError { Code = "Password", Description = $"The password {problem}." })])
            : IdentityResult.Success);

    // Few different characters, a short piece said again and again, or mostly neighbours in the alphabet ("abcdefghijkl", "210987654321").
    private static bool IsMonotonous(string text)
    {
        if (text.Distinct().Count() < MinDistinct)
            return true;
        for (var period = 1; period <= text.Length / 2; period++)
        {
            if (period <= MinDistinct + MinSteps && Enumerable.Range(period, text.Length - period).All(at => text[at] == text[at - period]))
                return true;
        }
        var steps = Enumerable.Range(1, text.Length - 1).Count(at => Math.Abs(text[at] - text[at - 1]) != 1 && !(text[at - 1] == '9' && text[at] == '0') && !(text[at - 1] == '0' && text[at] == '9'));
        return steps < MinSteps;
    }

    // The word and little besides: "ada.lovelace2024!", "jarvisjarvis1".
    private static bool IsOf(string folded, string? word)
    {
        const int Little = 6;
        if (word is not { Length: > 3 })
            return false;
        var other = CommonPasswords.Fold(word);
        return other.Length > 3 && folded.Contains(other, StringComparison.Ordinal) && folded.Replace(other, "", StringComparison.Ordinal).Length <= Little;
    }
}
