using Jarvis.Gateway.Limits;
using Npgsql;

namespace Jarvis.Gateway.Identity.Sessions;

/// <summary>Knows callers by their cookie, and by what Postgres has of them.</summary>
internal sealed class KnownCallers(NpgsqlDataSource database, Throttle throttle, KnownDevices devices) : IKnownCallers, IDisposable
{
    // A flood of strangers takes no more of Postgres than this.
    private readonly SemaphoreSlim _places = new(8, 8);

    /// <inheritdoc/>
    public string? DeviceOf(HttpContext context, AuthSubject subject) =>
        subject.Email is { } email ? devices.Of(context.Request, email) : null;

    /// <inheritdoc/>
    public async Task<bool> IsKnownAsync(HttpContext context, AuthSubject subject, CancellationToken cancellationToken)
    {
        if (!_places.Wait(0, CancellationToken.None))
            return false;
        try
        {
            return subject.RefreshToken is { } token ? await RefreshTokens.IsKnownAsync(database, token, cancellationToken)
                : subject.Email is { } email && await throttle.IsFamiliarAsync(email, context, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // Without Postgres nobody is known, and nobody could sign in.
            return false;
        }
        finally
        {
            _places.Release();
        }
    }

    public void Dispose() => _places.Dispose();
}
