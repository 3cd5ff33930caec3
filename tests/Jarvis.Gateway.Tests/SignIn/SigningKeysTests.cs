using System.Net.Sockets;
using Jarvis.Gateway.SignIn;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Security.Tokens;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.Tests.SignIn;

/// <summary>Keys outlive whatever keeps them from being read, and are the same objects for as long as they are good.</summary>
public sealed class SigningKeysTests
{
    private static readonly TokenClaims Claims = new(
        Guid.Empty, Guid.Empty, ServiceDefaults.Security.CallerKind.User, null, [], DateTimeOffset.UnixEpoch,
            DateTimeOffset.UnixEpoch.AddMinutes(1));

    [Fact]
    public async Task Name_ThatCannotBeResolved_IsPostgresAway_AndEndsNothing()
    {
        // Npgsql does not wrap what the look-up of a host's name throws.
        using var store = new Store { Failure = new SocketException((int)SocketError.HostNotFound) };
        using var keys = Keys(store);
        await keys.StartAsync(CancellationToken.None);
        await store.AskedAsync(2);
        Assert.Equal(503, (await Assert.ThrowsAsync<FailureException>(async () =>
            await keys.CurrentAsync(CancellationToken.None))).Failure.Status);
        Assert.False(keys.ExecuteTask!.IsCompleted);
        store.Failure = null;
        await store.AskedAsync(store.Asked + 1);
        Assert.NotNull(await keys.CurrentAsync(CancellationToken.None));
        await keys.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Keys_ThatAreReadAgain_StayTheObjectsThatTheyAre_AndTheNewOnesAreLetGo()
    {
        using var store = new Store();
        using var keys = Keys(store);
        var first = await keys.CurrentAsync(CancellationToken.None);
        // Unknown: looked for in the store.
        Assert.Null(await keys.FindAsync("k-of-nobody", CancellationToken.None));
        await Task.Delay(TimeSpan.FromSeconds(2.1));
        Assert.Null(await keys.FindAsync("k-of-another", CancellationToken.None));
        Assert.Same(first, await keys.CurrentAsync(CancellationToken.None));
        Assert.NotEmpty(first.Sign(Claims, "issuer", "audience"));
        Assert.True(store.Given.Count > 1);
        Assert.All(store.Given.Skip(1), again => Assert.ThrowsAny<ObjectDisposedException>(() => again.Sign(Claims, "issuer", "audience")));
    }

    private static SigningKeys Keys(Store store) =>
        new(store, new ServiceCollection().BuildServiceProvider(), Options.Create(new SigningOptions()), TimeProvider.System,
            NullLogger<SigningKeys>.Instance);

    /// <summary>Reads its key anew each time, as Postgres is.</summary>
    private sealed class Store : ISigningKeyStore, IDisposable
    {
        private readonly SemaphoreSlim _asked = new(0);
        private (string Id, byte[] Key, DateTimeOffset From, DateTimeOffset Until)? _kept;

        public Exception? Failure { get; set; }

        public int Asked { get; private set; }

        public List<SigningKey> Given { get; } = [];

        public void Dispose() => _asked.Dispose();

        public async Task AskedAsync(int times)
        {
            while (Asked < times)
                Assert.True(await _asked.WaitAsync(TimeSpan.FromSeconds(20)), "The keys were not asked for again.");
        }

        public Task<IReadOnlyList<SigningKey>> LoadAsync(Func<IReadOnlyList<SigningKey>, SigningKey?> next,
            CancellationToken cancellationToken)
        {
            Asked++;
            _asked.Release();
            if (Failure is not null)
                return Task.FromException<IReadOnlyList<SigningKey>>(Failure);
            List<SigningKey> keys = [];
            if (_kept is var (id, kept, from, until))
            {
                var read = System.Security.Cryptography.ECDsa.Create();
                read.ImportPkcs8PrivateKey(kept, out _);
                keys.Add(new(id, read, from, until));
            }
            if (next(keys) is { } added)
            {
                _kept = (added.KeyId, added.Export(), added.ActivatesAt, added.RetiresAt);
                keys.Add(added);
            }
            Given.AddRange(keys);
            return Task.FromResult<IReadOnlyList<SigningKey>>(keys);
        }
    }
}
