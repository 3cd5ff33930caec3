using Jarvis.Workflows.N8n;
using Npgsql;
using OpenTelemetry;

namespace Jarvis.Workflows.Worker;

/// <summary>This run may not write any more: another worker holds the task, or it has ended elsewhere.</summary>
public sealed class LeaseLostException() : Exception("The lease is lost.");

/// <summary>One run's hold on its task: renews the lease, and writes down when requests leave.</summary>
public sealed partial class LeaseHold(TaskLeases leases, TaskClaim claim, WorkerOptions options, TimeProvider time, ILogger logger) : ICallJournal
{
    /// <summary>Requests begun so far.</summary>
    public int Attempt { get; private set; } = claim.Attempt;

    /// <summary>A request may be out whose outcome is not known.</summary>
    public bool IsSent { get; private set; }

    /// <summary>Somebody wants the task cancelled.</summary>
    public bool CancelRequested { get; private set; }

    public async Task SendingAsync(CancellationToken cancellationToken)
    {
        if (await leases.SendingAsync(claim, cancellationToken) is not { } attempt)
        {
            CancelRequested = await leases.RenewAsync(claim, cancellationToken) ?? throw new LeaseLostException();
            throw new OperationCanceledException("Cancelled before it was sent.");
        }
        Attempt = attempt;
        IsSent = true;
    }

    public async Task NotDoneAsync(string reason, CancellationToken cancellationToken)
    {
        IsSent = false;
        try
        {
            await leases.NotDoneAsync(claim, reason, cancellationToken);
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
        {
            // The next try, or the end, writes it again.
            LogNotNoted(claim.Id, exception.Message);
        }
    }

    /// <summary>Renews until the result is disposed; cancels the run when it should not go on.</summary>
    public IAsyncDisposable Keep(CancellationTokenSource run) => new Renewal(this, run);

    private async Task RenewAsync(CancellationTokenSource run, CancellationToken cancellationToken)
    {
        using var quiet = SuppressInstrumentationScope.Begin();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.LeaseSeconds / 3.0), time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                var cancel = await leases.RenewAsync(claim, cancellationToken);
                CancelRequested |= cancel == true;
                if (cancel != false)
                    await run.CancelAsync();
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                LogNotRenewed(claim.Id, exception.Message);
            }
        }
    }

    [LoggerMessage(EventId = 340, Level = LogLevel.Warning, Message = "The lease of task {TaskId} could not be renewed: {Reason}")]
    private partial void LogNotRenewed(Guid taskId, string reason);

    [LoggerMessage(EventId = 341, Level = LogLevel.Warning, Message = "That the request of task {TaskId} did not arrive could not be noted: {Reason}")]
    private partial void LogNotNoted(Guid taskId, string reason);

    private sealed class Renewal : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _renewing;

        public Renewal(LeaseHold hold, CancellationTokenSource run) => _renewing = hold.RenewAsync(run, _stop.Token);

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _stop.Dispose();
        }
    }
}
