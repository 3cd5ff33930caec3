using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Jarvis.FunctionalTests.Stack;

/// <summary>A server of e-mail that keeps what it is handed.</summary>
internal sealed class FakeSmtp : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<(string To, string Text)> _mails = new();
    private readonly Task _serving;

    public FakeSmtp()
    {
        _listener.Start();
        _serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public int Count(string to) => _mails.Count(mail => mail.To == to);

    /// <summary>The token in the newest link that was sent there to this page.</summary>
    public Task<string> TokenAsync(string to, string page) => Eventually.GetAsync($"an e-mail to {to} with a link to {page}", TimeSpan.FromSeconds(20), () =>
    {
        var tokens = _mails.Where(mail => mail.To == to).Select(mail => Regex.Match(mail.Text, $"/{page}#token=([A-Za-z0-9_-]+)")).Where(match => match.Success);
        return Task.FromResult(tokens.LastOrDefault()?.Groups[1].Value);
    });

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _serving;
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                await TalkAsync(client.GetStream());
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or IOException)
        {
            // The test is over.
        }
    }

    private async Task TalkAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII);
        await using var writer = new StreamWriter(stream, Encoding.ASCII) { NewLine = "\r\n", AutoFlush = true };
        await writer.WriteLineAsync("220 fake");
        var to = "";
        while (await reader.ReadLineAsync(_stop.Token) is { } line)
        {
            if (line.StartsWith("RCPT TO:", StringComparison.OrdinalIgnoreCase))
                to = line[8..].Trim('<', '>', ' ');
            if (line == "DATA")
            {
                await writer.WriteLineAsync("354 go on");
                var text = new StringBuilder();
                while (await reader.ReadLineAsync(_stop.Token) is { } data && data != ".")
                    text.Append(data.StartsWith("..", StringComparison.Ordinal) ? data[1..] : data).Append('\n');
                _mails.Enqueue((to, Plain(text.ToString())));
            }
            await writer.WriteLineAsync(line == "QUIT" ? "221 bye" : "250 ok");
            if (line == "QUIT")
                return;
        }
    }

    // Quoted-printable, undone.
    private static string Plain(string text) => Regex.Replace(text.Replace("=\n", "", StringComparison.Ordinal), "=([0-9A-F]{2})",
        match => ((char)int.Parse(match.Groups[1].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString());
}
