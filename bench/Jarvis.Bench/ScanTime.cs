using System.Diagnostics;
using Jarvis.Catalog.Library;
using Microsoft.Extensions.Options;

namespace Jarvis.Bench;

/// <summary>A folder scanned cold as the catalog does it, and followed through changes of single files. The file system's cache may be warm.</summary>
public static class ScanTime
{
    private const int Changes = 25;

    public static void Measure(string folder, TextWriter output)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var scanner = new LibraryScanner(Options.Create(new LibraryOptions { Roots = [folder], MaxTotalBytes = 8L << 30 }), TimeProvider.System);
        var watch = Stopwatch.StartNew();
        var snapshot = scanner.Scan(null, _ => false, CancellationToken.None);
        var cold = watch.Elapsed.TotalMilliseconds;
        var taken = GC.GetTotalMemory(forceFullCollection: true) - before;
        output.WriteLine($"{snapshot.Entries.Count} resources of {snapshot.Sources[0].Files} files: cold scan {cold:F0} ms, {taken / 1024.0 / snapshot.Entries.Count:F1} KB a resource");

        watch.Restart();
        snapshot = scanner.Scan(snapshot, _ => false, CancellationToken.None);
        output.WriteLine($"scan of everything, nothing changed: {watch.Elapsed.TotalMilliseconds:F0} ms");

        var source = scanner.Sources[0];
        var times = new List<double>(Changes);
        for (var i = 0; i < Changes; i++)
        {
            var path = snapshot.Entries[i * 997 % snapshot.Entries.Count].Resource.Path;
            File.AppendAllText(Path.Combine(folder, path), $"\nchange {i}\n");
            watch.Restart();
            snapshot = scanner.Scan(snapshot, new Dictionary<LibrarySource, HashSet<string>?> { [source] = [path] }, _ => false, CancellationToken.None);
            times.Add(watch.Elapsed.TotalMilliseconds);
        }

        times.Sort();
        output.WriteLine($"one changed file, until it is in lists and search: p50 {times[Changes / 2]:F0} ms, worst {times[^1]:F0} ms");
    }
}
