using System.Net.Sockets;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Jarvis.AppHost.Embedded.Postgres;

/// <summary>Ready when the postmaster says so in its pid file and answers the first message of its protocol.</summary>
sealed class PostgresHealthCheck(EmbeddedPostgresResource postgres) : IHealthCheck
{
    /// <summary>SSLRequest: length 8, code 80877103. The answer is one byte. https://www.postgresql.org/docs/current/protocol-message-formats.html</summary>
    static readonly byte[] SslRequest = [0, 0, 0, 8, 4, 210, 22, 47];
    static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(2);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (postgres.DataFolder is not { } folder || PostmasterFile.Read(folder) is not { IsReady: true })
            return new HealthCheckResult(context.Registration.FailureStatus, "PostgreSQL is starting.");
        if (await Listeners.ComplaintAsync(postgres.Tcp.Port, postgres.ListenerId, cancellationToken) is { } complaint)
            return new HealthCheckResult(context.Registration.FailureStatus, complaint);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(AnswerWithin);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", postgres.Tcp.Port, deadline.Token);
            var stream = client.GetStream();
            await stream.WriteAsync(SslRequest, deadline.Token);
            var answer = new byte[1];
            await stream.ReadExactlyAsync(answer, deadline.Token);
            return answer[0] is (byte)'N' or (byte)'S'
                ? HealthCheckResult.Healthy()
                : new HealthCheckResult(context.Registration.FailureStatus, "What listens there is not PostgreSQL.");
        }
        catch (Exception error) when (error is SocketException or IOException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, $"PostgreSQL does not answer: {error.Message}");
        }
    }
}
