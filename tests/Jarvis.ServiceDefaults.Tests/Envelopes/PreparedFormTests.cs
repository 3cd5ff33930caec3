using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Jarvis.ServiceDefaults.Envelopes;

namespace Jarvis.ServiceDefaults.Tests.Envelopes;

public sealed class PreparedFormTests
{
    [Fact]
    public void Form_OfAnyStartAndEnd_DecompressesToBothJoined()
    {
        var data = ArbMap.Default.ArbFor<byte[]>().Generator;
        var noise = from seed in ArbMap.Default.ArbFor<int>().Generator
                    from size in Gen.Choose(1, 300_000)
                    select Noise(seed, size);
        var some = data.Where(bytes => bytes.Length > 0);
        var starts = Gen.OneOf(some, noise, some.Select(few => Enumerable.Repeat(few, 200).SelectMany(each => each).ToArray()));
        var ends = Gen.OneOf(some, Gen.Choose(1, PreparedForm.MaxEnd).Select(size => Noise(size, size)));
        Prop.ForAll(starts.ToArbitrary(), ends.ToArbitrary(), (start, end) =>
        {
            foreach (var coding in Enum.GetValues<PreparedCoding>())
                Assert.True(start.Concat(end).SequenceEqual(Decompressed(coding, Join(PreparedForm.Of(coding, start, whole: false), end))), $"{coding}, {start.Length} + {end.Length}");
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));
    }

    [Fact]
    public void Form_OfAWholeBody_DecompressesToIt()
    {
        var bodies = Gen.Choose(0, 100_000).Select(size => Noise(size, size)).ToArbitrary();
        Prop.ForAll(bodies, body =>
        {
            foreach (var coding in Enum.GetValues<PreparedCoding>())
                Assert.True(body.SequenceEqual(Decompressed(coding, Join(PreparedForm.Of(coding, body, whole: true), []))));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(50));
    }

    [Fact]
    public void Form_ForManyAnswers_IsCompressedOnce()
    {
        var form = PreparedForm.Of(PreparedCoding.Gzip, Noise(1, 50_000), whole: false);
        var (first, second) = (Join(form, "one"u8.ToArray()), Join(form, "another"u8.ToArray()));
        Assert.Equal(first.AsSpan(0, form.Start.Length), second.AsSpan(0, form.Start.Length));
    }

    /// <summary>Other people's decoders, where they are installed: the formats allow what is done here, but seldom is it done.</summary>
    [Theory]
    [InlineData(PreparedCoding.Gzip, "gzip", "-dc")]
    [InlineData(PreparedCoding.Brotli, "brotli", "-dc")]
    [InlineData(PreparedCoding.Gzip, "node", "-e", "process.stdout.write(require('zlib').gunzipSync(require('fs').readFileSync(0)))")]
    [InlineData(PreparedCoding.Brotli, "node", "-e", "process.stdout.write(require('zlib').brotliDecompressSync(require('fs').readFileSync(0)))")]
    internal async Task Form_ReadByAForeignDecoder_IsWhatWentIn(PreparedCoding coding, string program, params string[] arguments)
    {
        var paths = Environment.GetEnvironmentVariable("PATH")?.Split(Path.PathSeparator) ?? [];
        if (!paths.Any(folder => File.Exists(Path.Combine(folder, program))))
            return;
        var (start, end) = (Encoding.UTF8.GetBytes(string.Join(' ', Enumerable.Range(0, 5_000))), "and the end"u8.ToArray());
        using var decoder = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true })!;
        var read = new MemoryStream();
        var reading = decoder.StandardOutput.BaseStream.CopyToAsync(read);
        await decoder.StandardInput.BaseStream.WriteAsync(Join(PreparedForm.Of(coding, start, whole: false), end));
        decoder.StandardInput.Close();
        await reading;
        await decoder.WaitForExitAsync();
        Assert.Equal(0, decoder.ExitCode);
        Assert.Equal([.. start, .. end], read.ToArray());
    }

    private static byte[] Join(PreparedForm form, byte[] end)
    {
        var body = new byte[form.Start.Length + form.EndLength(end.Length)];
        form.Start.CopyTo(body);
        form.WriteEnd(body.AsSpan(form.Start.Length), end);
        return body;
    }

    private static byte[] Decompressed(PreparedCoding coding, byte[] body)
    {
        using Stream stream = coding switch
        {
            PreparedCoding.Gzip => new GZipStream(new MemoryStream(body), CompressionMode.Decompress),
            PreparedCoding.Brotli => new BrotliStream(new MemoryStream(body), CompressionMode.Decompress),
            _ => new MemoryStream(body),
        };
        using var plain = new MemoryStream();
        stream.CopyTo(plain);
        return plain.ToArray();
    }

    // Half of it repeats, half does not.
    private static byte[] Noise(int seed, int size)
    {
        var bytes = new byte[size];
        var random = new Random(seed);
        random.NextBytes(bytes.AsSpan(0, size / 2));
        bytes.AsSpan(size / 2).Fill((byte)seed);
        return bytes;
    }
}
