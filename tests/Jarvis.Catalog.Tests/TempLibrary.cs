using System.Text;
using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Library;
using Jarvis.Catalog.Resources;
using Microsoft.Extensions.Options;

namespace Jarvis.Catalog.Tests;

/// <summary>A folder of its own for one test, and a scanner for it.</summary>
public sealed class TempLibrary : IDisposable
{
    private readonly Lazy<LibraryScanner> _scanner;

    public TempLibrary(Func<LibraryOptions, LibraryOptions>? configure = null, string folder = "lib")
    {
        Folder = Path.Combine(Directory.CreateTempSubdirectory("jarvis-catalog-").FullName, folder);
        Directory.CreateDirectory(Folder);
        var options = new LibraryOptions { Roots = [Folder] };
        options = configure?.Invoke(options) ?? options;
        _scanner = new(() => new(Options.Create(options), TimeProvider.System));
    }

    public string Folder { get; }

    public LibraryScanner Scanner => _scanner.Value;

    public TempLibrary Write(string path, string text) => Write(path, Encoding.UTF8.GetBytes(text));

    public TempLibrary Write(string path, byte[] bytes)
    {
        var file = Path.Combine(Folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, bytes);
        return this;
    }

    public TempLibrary Agent(string path, string name, string description = "Does things.", string body = "You do things.", string more = "") =>
        Write(path, $"---\nname: {name}\ndescription: {description}\n{more}---\n\n{body}\n");

    public CatalogSnapshot Scan(CatalogSnapshot? current = null) => Scanner.Scan(current, _ => false, CancellationToken.None);

    public T Only<T>()
        where T : Resource => Assert.IsType<T>(Assert.Single(Scan().Entries).Resource);

    public Diagnostic OnlyDiagnostic() => Assert.Single(Scan().Diagnostics);

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(Folder)!, recursive: true);
}
