using System.Diagnostics;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Jarvis.Catalog.Formats;
using Jarvis.Catalog.Library;
using Jarvis.Catalog.Search;

namespace Jarvis.Catalog.Tests;

/// <summary>
/// The JSONC reader and the formats above it, on bytes of any kind and on sound files that were damaged: no exception, and no file that takes longer than
/// the bound, which is far above what a slow machine needs for files of this size.
/// </summary>
public sealed class JsonPropertyTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);
    private static readonly Config Cases = Config.QuickThrowOnFailure.WithMaxTest(10_000);
    private static readonly LibrarySource Source = LibrarySource.Of(new LibraryOptions { Roots = [Path.GetTempPath()] })[0];

    private static readonly string[] Sound =
    [
        """
        {"id": "1", "name": "Flow", "active": "true", "tags": ["a", {"name": "b"}], "settings": {"executionOrder": "v1"}, "nodes": [
          {"name": "In", "type": "n8n-nodes-base.webhook", "typeVersion": 1.1, "position": [1, 2], "parameters": {"path": "in", "httpMethod": ["GET", "POST"], "authentication": "none"}},
          {"name": "Old", "type": "n8n-nodes-base.function", "disabled": true, "credentials": {"api": {"id": "1", "name": "Key"}}, "parameters": {"headers": [{"name": "Authorization", "value": "Bearer k9f8e7d6c5b4a3"}]}},
          null], "connections": {"In": {"main": [[{"node": "Old", "type": "main", "index": 0}], null]}, "Gone": {"ai_tool": [[{"node": "In"}]]}}}
        """,
        """[{"workflow": {"nodes": [], "connections": {}}}, {"name": "\ud83d\ude00 \ud83d", "nodes": [{"name": "N", "type": "n8n-nodes-base.stickyNote", "parameters": {"content": "## Hi"}}], "connections": []}]""",
        """
        { // servers
          "mcpServers": {"a": {"command": "npx", "args": ["-y", "x@1", "--token", "hunter2", "{\"k\": [1]}", "postgres://u:p@h/x?a=b"], "env": {"A": "${B:-c}", "T": 5}, "cwd": "/x",},
            "b": {"type": "streamableHttp", "url": "https://u:p@x.test/token/x?key=v", "headers": {"Authorization": "Bearer ${T} x"}}, "c": null,},
          "inputs": [{"id": "i"}], "projects": {"/home/me": {"mcpServers": {"a": {"command": ["x", "y"]}}}}
        }
        """,
        """
        {"$schema": "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json", "name": "io.x/y", "version": "1", "packages": [
          {"registryType": "npm", "identifier": "@x/y", "version": "1", "transport": {"type": "stdio"}, "packageArguments": [{"type": "named", "name": "--k", "value": "{v}"}], "environmentVariables": [{"name": "K", "isSecret": true, "default": "x"}]}],
          "remotes": [{"type": "sse", "url": "https://x.test", "headers": [{"name": "A", "value": "b"}]}]}
        """,
    ];

    private static readonly string[] Paths = ["flow.json", ".mcp.json", ".claude.json", "mcp/x.json", ".claude-plugin/plugin.json"];

    // What breaks readers: structure, escapes, numbers out of range, comments, NUL, halves of surrogates, our own words.
    private static readonly string[] Pieces =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\ud800", "\\u0000", "//", "/*", "*/", "1e999", "-0", "null", "true", "\0", "\r\n", "\uFEFF", "\"nodes\"", "\"connections\"", "\"mcpServers\"",
        "{\"mcp\":", "[[[[[[[[", "\"name\":", "${", "://", "@", "=", "•••", "eyJ", "é", "\U0001F600",
    ];

    [Fact]
    public void Read_AnyBytes_NeverThrowsAndEndsInTime()
    {
        var noise = Gen.Choose(0, 255).Select(number => (byte)number).ArrayOf();
        var soup = Gen.OneOf(Gen.Elements(Pieces), Gen.Elements(Sound)).ArrayOf().Select(pieces => Encoding.UTF8.GetBytes(string.Concat(pieces)));
        Check(Gen.OneOf(noise, soup));
    }

    [Fact]
    public void Read_DamagedFiles_NeverThrowAndEndInTime() => Check(
        from text in Gen.Elements(Sound)
        from changes in Gen.Choose(1, 4)
        from places in Gen.Choose(0, text.Length - 1).ArrayOf(changes)
        from lengths in Gen.Choose(0, 12).ArrayOf(changes)
        from pieces in Gen.OneOf(Gen.Elements(Pieces), Gen.Constant("")).ArrayOf(changes)
        select Encoding.UTF8.GetBytes(places.Zip(lengths, pieces).Aggregate(text, Damaged)));

    [Fact]
    public void Mask_AnyText_NeverThrowsAndKeepsReferences() => Prop.ForAll(
        Gen.OneOf(Gen.Elements(Pieces), Gen.Elements("--token", "Bearer ", "API_KEY", "postgres:", "${A}", "${A:-b}", " ", "-e", "x")).ArrayOf().Select(string.Concat).ToArbitrary(),
        text =>
        {
            var mask = new SecretMask();
            return mask.Text(text) is not null && mask.Url(text) is not null && ArgumentMask.Of([text, "--key", text, "-H", text, "-e", text], mask).Count == 7
                && mask.Value("TOKEN", "${" + "REF}") == "${REF}" && !mask.Value("TOKEN", $"hunter2{text}").Contains("hunter2", StringComparison.Ordinal);
        }).Check(Cases);

    private static string Damaged(string text, (int Place, int Length, string Piece) change)
    {
        var at = Math.Min(change.Place, text.Length);
        return string.Concat(text.AsSpan(0, at), change.Piece, text.AsSpan(Math.Min(text.Length, at + change.Length)));
    }

    private static void Check(Gen<byte[]> files)
    {
        var terms = new TermTable();
        var listing = new TreeListing(default, [], []);
        var classifier = new Classifier(Source, listing);
        var cases = from bytes in files from path in Gen.Elements(Paths) select (bytes, path);
        Prop.ForAll(cases.ToArbitrary(), item =>
        {
            var started = Stopwatch.GetTimestamp();
            if (TextFile.Decode(item.bytes) is { } text)
            {
                var file = new FileReading(Source, new(item.path, default), classifier.Of(item.path), terms) { Text = text.Text };
                _ = file.Classified.Role switch
                {
                    FileRole.McpConfig => McpFormat.Parse(file),
                    FileRole.Json => JsonFormat.Parse(file),
                    _ => PluginFormat.Parse(file),
                };
                Draw(file);
            }

            return Stopwatch.GetElapsedTime(started) < Bound;
        }).Check(Cases);
    }

    private static void Draw(FileReading file)
    {
        foreach (var parsed in file.Done().Resources.Where(parsed => parsed.Resource.Kind == Resources.ResourceKind.Workflow))
            WorkflowGraphs.Of(parsed.Resource, parsed.Content.Utf8);
    }
}
