using System.Collections.Concurrent;
using Jarvis.ServiceDefaults.Errors;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.Identity.Passwords;

/// <summary>
/// Threads that do nothing but hash passwords, so that the threads of requests never do; and a bounded number of requests that may wait for them. Whoever comes when all
/// places are taken is told so before anything is looked up.
/// </summary>
internal sealed class PasswordWorkers : IDisposable
{
    private readonly BlockingCollection<Action> _jobs = [];
    private readonly int _places;
    private int _taken;

    public PasswordWorkers(IOptions<AuthOptions> options)
    {
        var threads = options.Value.PasswordConcurrency is > 0 and var given ? given : Math.Max(1, Environment.ProcessorCount / 2);
        _places = threads + options.Value.PasswordQueue;
        for (var i = 0; i < threads; i++)
            new Thread(Work) { IsBackground = true, Name = $"passwords {i}" }.Start();
    }

    /// <summary>A place for one request; its jobs run one after another.</summary>
    /// <exception cref="FailureException">503: all places are taken.</exception>
    public Place Enter()
    {
        if (Interlocked.Increment(ref _taken) <= _places)
            return new Place(this);
        Interlocked.Decrement(ref _taken);
        throw new Failure(ErrorCode.ServiceUnavailable, "Too many people are signing in at the same time. Try again in a moment.")
        {
            RetryAfter = TimeSpan.FromSeconds(2),
        }.AsException();
    }

    public void Dispose() => _jobs.CompleteAdding();

    private void Work()
    {
        foreach (var job in _jobs.GetConsumingEnumerable())
            job();
    }

    internal sealed class Place(PasswordWorkers workers) : IDisposable
    {
        private int _left;

        public Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken)
        {
            var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
            workers._jobs.Add(() =>
            {
                // Whoever asked may have gone while it waited.
                if (cancellationToken.IsCancellationRequested)
                {
                    done.TrySetCanceled(cancellationToken);
                    return;
                }
                try
                {
                    done.TrySetResult(work());
                }
                catch (Exception exception)
                {
                    done.TrySetException(exception);
                }
            }, CancellationToken.None);
            return done.Task;
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
                Interlocked.Decrement(ref workers._taken);
        }
    }
}
