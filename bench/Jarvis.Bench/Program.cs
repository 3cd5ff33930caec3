using BenchmarkDotNet.Running;
using Jarvis.Bench;
using Jarvis.Bench.Growth;

switch (args)
{
    case ["generate", var folder, var count]:
        SyntheticLibrary.Write(folder, int.Parse(count));
        break;
    case ["latency", .. var counts]:
        var alone = counts.Contains("--alone");
        counts = [.. counts.Where(count => count != "--alone")];
        foreach (var count in counts.Length == 0 ? ["1000", "10000", "100000"] : counts)
            SearchLatency.Measure(int.Parse(count), alone, Console.Out);
        break;
    case ["scan", var folder]:
        ScanTime.Measure(folder, Console.Out);
        break;
    case ["serve", var file, var port]:
        await BareServer.RunAsync(file, int.Parse(port));
        break;
    case ["proxy", var upstream, var port]:
        await BareProxy.RunAsync(upstream, int.Parse(port));
        break;
    case ["tracing", .. var seconds]:
        await TracingCost.MeasureAsync(seconds is [var given] ? double.Parse(given) : 2, Console.Out);
        break;
    case ["sockets", var redis, .. var rest]:
        int Number(int index, int fallback) => index < rest.Length ? int.Parse(rest[index]) : fallback;
        await Sockets.MeasureAsync(redis, Number(0, 1_000), Number(1, 10), Number(2, 20), Number(3, 3), Console.Out);
        break;
    case ["grow", var gateway, var email, var password, var connection, var rows]:
        await Growth.MeasureAsync(new(gateway), email, password, connection, long.Parse(rows), Console.Out);
        break;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(SearchBenchmarks).Assembly).Run(args);
        break;
}
