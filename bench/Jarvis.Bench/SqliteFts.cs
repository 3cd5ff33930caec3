using System.Runtime.InteropServices;
using System.Text;
using Jarvis.Catalog.Resources;

namespace Jarvis.Bench;

/// <summary>SQLite's FTS5 over the same documents, in memory, through the library that the system has; for comparison only.</summary>
public sealed unsafe partial class SqliteFts : IDisposable
{
    private const string Library = "libsqlite3.so.0";
    private const int Row = 100;
    private readonly nint _database;
    private readonly nint _insert;
    private readonly nint _search;

    public SqliteFts()
    {
        Check(Open(":memory:", out _database));
        Run("CREATE VIRTUAL TABLE documents USING fts5(name, description, tags, body, tokenize = 'porter unicode61', prefix = '2 3'); BEGIN");
        _insert = Prepared("INSERT INTO documents (name, description, tags, body) VALUES (?1, ?2, ?3, ?4)");
        _search = Prepared("SELECT rowid, snippet(documents, -1, '[', ']', '…', 24) FROM documents WHERE documents MATCH ?1 ORDER BY bm25(documents, 8.0, 2.5, 4.0, 1.0) LIMIT 20");
    }

    public static bool IsInstalled => NativeLibrary.TryLoad(Library, out _);

    public void Add(Resource resource, string body)
    {
        Bind(_insert, 1, resource.Name);
        Bind(_insert, 2, resource.Description);
        Bind(_insert, 3, resource.Category ?? "");
        Bind(_insert, 4, body);
        _ = Step(_insert);
        Check(Reset(_insert));
    }

    public void Complete() => Run("COMMIT; INSERT INTO documents (documents) VALUES ('optimize')");

    /// <summary>The page that a search would show; how many rows it has.</summary>
    public int Search(string match)
    {
        Bind(_search, 1, match);
        var rows = 0;
        while (Step(_search) == Row)
            rows++;
        _ = Reset(_search);
        return rows;
    }

    public void Dispose()
    {
        _ = Finish(_insert);
        _ = Finish(_search);
        _ = Close(_database);
    }

    private static void Check(int code)
    {
        if (code != 0)
            throw new InvalidOperationException($"SQLite answered {code}.");
    }

    private static void Bind(nint statement, int at, string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        // -1 (SQLITE_TRANSIENT): it takes a copy.
        fixed (byte* bytes = utf8)
            Check(BindText(statement, at, bytes, utf8.Length, -1));
    }

    private void Run(string sql) => Check(Execute(_database, sql, 0, 0, 0));

    private nint Prepared(string sql)
    {
        Check(Prepare(_database, sql, -1, out var statement, 0));
        return statement;
    }

    [LibraryImport(Library, EntryPoint = "sqlite3_open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string file, out nint database);

    [LibraryImport(Library, EntryPoint = "sqlite3_exec", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execute(nint database, string sql, nint callback, nint argument, nint error);

    [LibraryImport(Library, EntryPoint = "sqlite3_prepare_v2", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Prepare(nint database, string sql, int length, out nint statement, nint tail);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_text")]
    private static partial int BindText(nint statement, int at, byte* text, int length, nint destructor);

    [LibraryImport(Library, EntryPoint = "sqlite3_step")]
    private static partial int Step(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_reset")]
    private static partial int Reset(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_finalize")]
    private static partial int Finish(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_close")]
    private static partial int Close(nint database);
}
