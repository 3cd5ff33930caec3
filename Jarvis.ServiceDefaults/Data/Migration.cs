using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Jarvis.ServiceDefaults.Data;

/// <summary>One file of <c>Migrations/</c>.</summary>
/// <param name="Name">The file's, <c>NNNN_title.sql</c> or <c>NNNN_title.concurrent.sql</c>.</param>
internal sealed partial record Migration(string Name, string Sql)
{
    private const string ConcurrentSuffix = ".concurrent.sql";

    /// <summary>Whether its statements run one by one outside of a transaction, so that the table takes writes while an index is built.</summary>
    public bool IsConcurrent => Name.EndsWith(ConcurrentSuffix, StringComparison.Ordinal);

    /// <summary>The same on every system, however its lines end.</summary>
    public string Checksum => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n"))));

    /// <summary>Those of an assembly, in the order of their names.</summary>
    public static IEnumerable<Migration> Of(Assembly assembly)
    {
        var resources = assembly.GetManifestResourceNames().Where(name => name.EndsWith(".sql", StringComparison.Ordinal));
        foreach (var resource in resources.Order(StringComparer.Ordinal))
        {
            if (resource.Split(".Migrations.") is not [_, var name])
                continue;
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            yield return new(name, reader.ReadToEnd());
        }
    }

    /// <summary>
    /// The statements of a concurrent file. Each must be one that can be run again after it was cut short, since no transaction takes it back.
    /// </summary>
    /// <exception cref="MigrationChangedException">A statement is of another kind.</exception>
    public IReadOnlyList<ConcurrentStatement> Statements()
    {
        var sql = Comment().Replace(Sql, "");
        return [.. sql.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Read)];

        ConcurrentStatement Read(string statement)
        {
            if (Creation().Match(statement) is { Success: true } creation)
                return new(statement, creation.Groups["index"].Value);
            return Removal().IsMatch(statement)
                ? new(statement, null)
                : throw new MigrationChangedException($"Migration {Name} may hold only CREATE INDEX CONCURRENTLY IF NOT EXISTS and DROP INDEX CONCURRENTLY IF EXISTS.");
        }
    }

    [GeneratedRegex("--[^\n]*", RegexOptions.NonBacktracking)]
    private static partial Regex Comment();

    [GeneratedRegex(@"^CREATE\s+(UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+IF\s+NOT\s+EXISTS\s+(?<index>\w+)\s", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Creation();

    [GeneratedRegex(@"^DROP\s+INDEX\s+CONCURRENTLY\s+IF\s+EXISTS\s", RegexOptions.NonBacktracking)]
    private static partial Regex Removal();
}

/// <summary>One statement of a concurrent migration.</summary>
/// <param name="Index">The index that it makes; null when it removes one.</param>
internal sealed record ConcurrentStatement(string Sql, string? Index);

/// <summary>A migration that has run is not what it was, or one is not as its kind must be.</summary>
public sealed class MigrationChangedException(string message) : Exception(message);
