using Jarvis.ServiceDefaults.Data;
using Npgsql;

namespace Jarvis.Workflows.Worker;

/// <summary>
/// The sessions that are kept back (<see cref="PostgresPools.Reserved"/>), for what must not wait in line with requests: renewals of leases, the look for
/// lost ones, and notifications. With the service's pool full, tasks that are going well would lose their leases otherwise.
/// </summary>
public sealed record LeaseDatabase(NpgsqlDataSource Source);
