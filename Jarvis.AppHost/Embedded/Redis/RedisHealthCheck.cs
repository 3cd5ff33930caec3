using System.Net.Sockets;
using System.Text;
using Jarvis.AppHost.Processes;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Jarvis.AppHost.Embedded.Redis;

/// <summary>Ready when it takes the password and answers PING. https://redis.io/docs/latest/develop/reference/protocol-spec/</summary>
sealed class RedisHealthCheck(EmbeddedRedisResource redis) : IHealthCheck
{
    static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(2);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        int? user = OperatingSystem.IsWindows() ? null : UserId.Own;
        if (await Listeners.ComplaintAsync(redis.Tcp.Port, user, cancellationToken) is { } complaint)
            return new HealthCheckResult(context.Registration.FailureStatus, complaint);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(AnswerWithin);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", redis.Tcp.Port, deadline.Token);
            var stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(Command("AUTH", redis.PasswordValue ?? "") + Command("PING")), deadline.Token);
            using var reader = new StreamReader(stream, Encoding.ASCII);
            var signIn = await reader.ReadLineAsync(deadline.Token);
            var pong = signIn == "+OK" ? await reader.ReadLineAsync(deadline.Token) : signIn;
            return pong == "+PONG" ? HealthCheckResult.Healthy() : new HealthCheckResult(context.Registration.FailureStatus, $"Redis answered {pong}.");
        }
        catch (Exception error) when (error is SocketException or IOException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, $"Redis does not answer: {error.Message}");
        }
    }

    static string Command(params string[] words) => $"*{words.Length}\r\n{string.Concat(words.Select(word => $"${word.Length}\r\n{word}\r\n"))}";
}
