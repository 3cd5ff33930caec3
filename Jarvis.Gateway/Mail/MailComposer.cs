using Jarvis.Gateway.Identity;
using Jarvis.Gateway.Identity.Accounts;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Jarvis.Gateway.Mail;

/// <summary>An e-mail as it goes out.</summary>
/// <param name="Link">The link in it; null when it has none that an operator would pass on.</param>
internal sealed record MailMessageText(string To, string Subject, string Text, string? Link);

/// <summary>Finds out what an e-mail that was asked for has to say, now that nobody waits for it.</summary>
internal sealed class MailComposer(NpgsqlDataSource database, EmailLinks links, ServerSecret secret, IOptions<AuthOptions> options)
{
    /// <summary>The token of an invitation, which derives from its id.</summary>
    public static string InvitationToken(ServerSecret secret, Guid invitation) => secret.Derive("invitation", invitation.ToString());

    /// <summary>The e-mail that a row of the outbox stands for.</summary>
    /// <returns>Null when there is nothing to send: no such account, or it had the same link a moment ago.</returns>
    public async Task<MailMessageText?> ComposeAsync(OutboxRow row, CancellationToken cancellationToken) => row.Kind switch
    {
        MailKind.Invitation => Invitation(row),
        MailKind.PasswordReset => await AccountAsync(row, cancellationToken) is { } account
            && await links.MakeAsync(row.Id, account.Id, LinkPurpose.PasswordReset, cancellationToken) is { } token
            ? Reset(row, Link("reset-password", token)) : null,
        _ => await AccountAsync(row, cancellationToken) switch
        {
            null => null,
            { Confirmed: true } => Welcome(row),
            // Whoever registered first chose a password; only who reads this e-mail may choose the one that holds.
            var account => await links.MakeAsync(row.Id, account.Value.Id, LinkPurpose.PasswordReset, cancellationToken) is { } token
                ? Confirm(row, Link("reset-password", token)) : null,
        },
    };

    private async Task<(Guid Id, bool Confirmed)?> AccountAsync(OutboxRow row, CancellationToken cancellationToken)
    {
        await using var command = database.Command(
            "SELECT id, email_confirmed FROM identity.account WHERE normalized_email = $1 AND disabled_at IS NULL", EmailAddress.Normalize(row.Email));
        var found = await command.ListAsync(account => (account.GetGuid(0), account.GetBoolean(1)), cancellationToken);
        return found.Count == 0 ? null : found[0];
    }

    // Without a public address the link is a path, which the operator knows where to put. The token is in the fragment, which no browser sends: an address is written
    // down by every server and proxy that it comes to.
    private string Link(string page, string token) => $"{options.Value.PublicUrl?.TrimEnd('/')}/{page}#token={token}";

    private MailMessageText Reset(OutboxRow row, string link) => new(row.Email, "Set a new password for Jarvis",
        $"""
        Somebody asked for a new password for the Jarvis account with this address.

        Set it here within {options.Value.LinkMinutes} minutes; the link works once:
        {link}

        If that was not you, there is nothing to do: the password stays as it is.
        """, link);

    private MailMessageText Confirm(OutboxRow row, string link) => new(row.Email, "Confirm your address for Jarvis",
        $"""
        Somebody made a Jarvis account with this address.

        If that was you, set its password here within {options.Value.LinkMinutes} minutes; that also confirms the address:
        {link}

        If not, there is nothing to do: without this nobody signs in.
        """, link);

    private MailMessageText Welcome(OutboxRow row) => new(row.Email, "Your Jarvis account",
        $"""
        Somebody registered at Jarvis with this address, which has an account.

        If you have just made it: welcome, you can sign in now. If you made it long ago, sign in with the password of then, or ask for a new one.
        If that was not you, there is nothing to do: your account and its password stay as they are.
        {options.Value.PublicUrl}
        """, null);

    private MailMessageText Invitation(OutboxRow row)
    {
        var link = Link("register", InvitationToken(secret, row.Subject!.Value));
        return new(row.Email, "You are invited to Jarvis",
            $"""
            You are invited to an account at Jarvis. Make it here; the link works once:
            {link}
            """, link);
    }
}
