namespace Jarvis.AppHost.Options;

static class Help
{
    public const string Text = """
        Jarvis, a command center for AI resources.

        dotnet run --project Jarvis.AppHost -- [options]

          --library DIR     a folder with agents, commands, skills, MCP servers and workflows; repeatable
                            (or JARVIS_LIBRARY, a path list; default: ~/.claude when it exists, and the bundled library/)
          --port N          the public port (Gateway:Port, default 8000)
          --listen ADDRESS  where it listens (Gateway:Listen, default localhost): an IP address of this machine, or 'any'. Beyond
                            the loopback it needs Https:Enabled and Gateway:AllowedHosts (docs/configuration.md)
          --data DIR        where everything is kept (Data:Directory; default: /var/lib/jarvis as root, else the platform's
                            folder for application data); 'temp' is a fresh folder that goes at exit
          --n8n URL         an n8n of your own (N8n:BaseUrl)
          --help            this text

        Any configuration key can be given as --Section:Key=value, as an environment variable (Section__Key) or in
        appsettings.json. Those that the AppHost reads:

          ConnectionStrings:jarvisdb      a PostgreSQL of your own; none is started then
          ConnectionStrings:jarvisdb_catalog, …    a role of its own for each service there (docs/configuration.md)
          Postgres:MaxPoolSize            sessions of each process for requests; default: what the server takes, divided
          ConnectionStrings:redis         a Redis of your own; none is started then
          Parameters:adminemail, :adminpassword    the first account, for unattended starts; else a link to make it is printed
          Https:Enabled                   true serves HTTPS, with the development certificate or Https:CertificatePath (docs/configuration.md)
          Embeddings:Provider, :Model     openai or ollama, and a model: search by meaning (docs/configuration.md); nothing is
                                          sent anywhere without
          Replicas:Catalog|Workflows|Telemetry|Gateway    1 to 16, default 1
          Ports:Catalog|Workflows|Telemetry|Gateway       a fixed port for calls between the services; default: free ones
          Embedded:PostgresBin            folder with initdb, pg_ctl and postgres (15 or newer) to use
          Embedded:PostgresUser           as root: the account that PostgreSQL runs as; default: jarvis-postgres, made when missing
          Embedded:IgnoreInstalled        true fetches PostgreSQL and a Redis-compatible server even where they are installed
          Embedded:Containers             false uses no container runtime even where one answers

        """;
}
