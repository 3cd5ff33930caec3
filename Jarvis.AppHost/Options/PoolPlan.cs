namespace Jarvis.AppHost.Options;

/// <summary>
/// How many sessions each process may open at PostgreSQL, so that all processes together never ask for more than the server takes: else
/// whichever comes late is refused, be it a lease, a revocation or a migration.
/// </summary>
/// <param name="Processes">All processes of all services.</param>
/// <param name="Gateways">Those of the gateway, whose migrations sign in as another role.</param>
/// <param name="PoolSize">Sessions of one process for requests.</param>
sealed record PoolPlan(int Processes, int Gateways, int PoolSize)
{
    /// <summary>Sessions that a process keeps back from requests, in a pool of their own.</summary>
    public const int Reserved = 4;

    /// <summary>Fewer for requests, and they would wait for each other all day.</summary>
    public const int SmallestPool = 3;

    /// <summary>What one process makes use of.</summary>
    const int LargestPool = 20;

    /// <summary>Of the owner's role, in each gateway.</summary>
    const int OwnerPool = 2;

    /// <summary>On a server of our own the processes share so many, since each session is a process there.</summary>
    const int ForRequests = 160;

    /// <summary>Left on a server of our own to each process, however many there are.</summary>
    const int SmallestOfOwn = 5;

    /// <summary>For the app host itself, backups and people, and for what dead processes have not let go yet.</summary>
    const int ForOthers = 10;

    /// <summary>PostgreSQL's default for superusers.</summary>
    const int ForSuperusers = 3;

    /// <summary>PostgreSQL's default for all.</summary>
    const int SmallestServer = 100;

    /// <summary>All that the processes may open at a time.</summary>
    public int Sessions => (Processes * (PoolSize + Reserved)) + Owners;

    int Owners => Gateways * OwnerPool;

    /// <summary><c>max_connections</c> of a server that is started for them.</summary>
    public int MaxConnections => Math.Max(SmallestServer, Sessions + ForOthers + ForSuperusers);

    /// <summary>For a server that is started with as many connections as are needed.</summary>
    public static PoolPlan For(AppHostOptions options) => Of(options) with
    {
        PoolSize = options.MaxPoolSize ?? Math.Clamp(ForRequests / Of(options).Processes, SmallestOfOwn, LargestPool),
    };

    /// <summary>For a server that takes <paramref name="available"/> sessions of ordinary roles and no more.</summary>
    /// <returns>Null when there are not enough of them even for the smallest pools.</returns>
    public static PoolPlan? Within(AppHostOptions options, int available)
    {
        var plan = Of(options);
        var left = ((available - ForOthers - plan.Owners) / plan.Processes) - Reserved;
        return left < SmallestPool ? null : plan with { PoolSize = Math.Min(left, For(options).PoolSize) };
    }

    /// <summary>Ordinary sessions that a server has to take for these processes.</summary>
    public static int Needed(AppHostOptions options) => (Of(options) with { PoolSize = SmallestPool }).Sessions + ForOthers;

    static PoolPlan Of(AppHostOptions options)
    {
        var gateways = options.GatewayService.Replicas;
        return new PoolPlan(options.Catalog.Replicas + options.Workflows.Replicas + options.Telemetry.Replicas + gateways, gateways, LargestPool);
    }
}
