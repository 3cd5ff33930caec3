using Jarvis.Workflows.N8n;
using Npgsql;
using OpenTelemetry;

namespace Jarvis.Workflows.Worker;

/// <summary>This run may not write any more: another worker holds the task, or it has ended elsewhere.</summary>
public sealed class LeaseLostException() : Exception("The lease is lost.");

/// <summary>One run's hold on its task: renews the lease, and writes down when requests leave.</summary>
public sealed partial class LeaseHold(ITaskLeases leases, TaskClaim claim, WorkerOptions options, TimeProvider time, ILogger logger) : ICallJournal
{
    private readonly Disturbance _disturbance = new();
    private volatile bool _isSent;
    private volatile bool _isLost;
    private volatile bool _cancelRequested;

    /// <summary>Requests begun so far.</summary>
    public int Attempt { get; private set; } = claim.Attempt;

    /// <summary>A request may be out whose outcome is not known.</summary>
    public bool IsSent => _isSent;

    /// <summary>The task is not this run's any more, for good. A request that is out is waited for all the same: its end is the truth about a task that was given up.</summary>
    public bool IsLost => _isLost;

    /// <summary>Somebody wants the task cancelled.</summary>
    public bool CancelRequested => _cancelRequested;

    /// <summary>Why the newest request that ended did nothing; null when there was none.</summary>
    public string? TurnedAway { get; private set; }

    public async Task SendingAsync(CancellationToken cancellationToken)
    {
        if (await leases.SendingAsync(claim, cancellationToken) is not { } attempt)
        {
            if (await leases.RenewAsync(claim, cancellationToken) is not { } cancel)
            {
                _isLost = true;
                throw new LeaseLostException();
            }
            _cancelRequested |= cancel;
            throw new OperationCanceledException("Cancelled before it was sent.");
        }
        Attempt = attempt;
        _isSent = true;
    }

    public async Task NotDoneAsync(string reason, CancellationToken cancellationToken)
    {
        TurnedAway = reason;
        _isSent = false;
        try
        {
            await leases.NotDoneAsync(claim, reason, cancellationToken);
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
        {
            // The next try, the way back into the queue, or the end writes it again.
            LogNotNoted(claim.Id, exception.Message);
        }
    }

    /// <summary>Renews until the result is disposed; cancels the run when it should not go on.</summary>
    public IAsyncDisposable Keep(CancellationTokenSource run) => new Renewal(this, run);

    private async Task RenewAsync(CancellationTokenSource run, CancellationToken cancellationToken)
    {
        using var quiet = SuppressInstrumentationScope.Begin();
        var wait = options.RenewAfter;
        while (!_isLost)
        {
            await Task.Delay(wait, time, cancellationToken);
            try
            {
                await RenewOnceAsync(run, cancellationToken);
                wait = options.RenewAfter;
                if (_disturbance.Ends())
                    LogRenewed(claim.Id);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                wait = options.RenewAgainAfter;
                if (_disturbance.Begins())
                    LogNotRenewed(claim.Id, exception.Message);
            }
        }
    }

    private async Task RenewOnceAsync(CancellationTokenSource run, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.RenewWithin, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        switch (await leases.RenewAsync(claim, either.Token))
        {
            case null:
                _isLost = true;
                LogLost(claim.Id);
                // A lost lease is nobody's wish to cancel: what was not sent is another worker's now, what was sent is waited for.
                if (!_isSent)
                    await run.CancelAsync();
                break;
            case true:
                _cancelRequested = true;
                await run.CancelAsync();
                break;
        }
    }

    [LoggerMessage(EventId = 340, Level = LogLevel.Warning, Message = "The lease of task {TaskId} could not be renewed ({Reason}); tried again until it can be. Said once")]
    private partial void LogNotRenewed(Guid taskId, string reason);

    [LoggerMessage(EventId = 341, Level = LogLevel.Warning, Message = "That the request of task {TaskId} did not arrive could not be noted: {Reason}")]
    private partial void LogNotNoted(Guid taskId, string reason);

    [LoggerMessage(EventId = 342, Level = LogLevel.Information, Message = "The lease of task {TaskId} is renewed again")]
    private partial void LogRenewed(Guid taskId);

    [LoggerMessage(EventId = 343, Level = LogLevel.Warning, Message = "The lease of task {TaskId} is lost; a request that is out is waited for, and its outcome is recorded if the task is still open")]
    private partial void LogLost(Guid taskId);

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
