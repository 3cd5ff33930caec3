using Jarvis.AppHost.Databases;
using Jarvis.AppHost.Options;
using Microsoft.Extensions.Configuration;

namespace Jarvis.AppHost.Tests;

public sealed class OptionsReaderTests
{
    [Fact]
    public void Options_NotGiven_HaveDefaults()
    {
        var options = Read([], []);

        Assert.Equal(8000, options.Port);
        Assert.Equal(DefaultFolders.Data(), options.DataDirectory);
        Assert.True(options.NeedsServers);
        Assert.All((ServiceSettings[])[options.Catalog, options.Workflows, options.Telemetry, options.GatewayService], service => Assert.Equal(new ServiceSettings(1, null), service));
    }

    [Fact]
    public void Port_OnTheCommandLine_WinsOverConfiguration() =>
        Assert.Equal(9001, Read(["--port", "9001"], new() { ["Gateway:Port"] = "9000" }).Port);

    [Fact]
    public void Data_Temp_IsAFolderOfItsOwn() => Assert.Null(Read(["--data", "temp"], []).DataDirectory);

    [Fact]
    public void ConnectionStrings_BothGiven_NeedNoServers() =>
        Assert.False(Read([], new() { ["ConnectionStrings:jarvisdb"] = "Host=db", ["ConnectionStrings:redis"] = "cache:6379" }).NeedsServers);

    [Theory]
    [InlineData("jarvisdb_catalog")]
    [InlineData("jarvisdb", "jarvisdb_identity")]
    [InlineData("jarvisdb", "jarvisdb_identity_owner")]
    public void ConnectionStrings_OfRoles_ThatDoNotGoTogetherAreNamed(params string[] names)
    {
        var settings = names.ToDictionary(name => $"ConnectionStrings:{name}", string? (_) => "Host=db", StringComparer.Ordinal);
        var reader = new OptionsReader([], new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), Path.GetTempPath());

        reader.Read();

        Assert.Contains(names[^1], Assert.Single(reader.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void ConnectionStrings_OfAllRoles_AreTaken()
    {
        var names = DatabaseRole.All.Select(role => role.ConnectionName).ToArray();

        Assert.Equal(names.Order(), Read([], names.Append("jarvisdb").ToDictionary(name => $"ConnectionStrings:{name}", string? (_) =>
            "Host=db", StringComparer.Ordinal)).DatabaseRoles.Order());
    }

    [Fact]
    public void Libraries_FromThePathList_AreAbsoluteAndDistinct()
    {
        using var folder = new TempFolder();
        var list = string.Join(Path.PathSeparator, folder.Path, folder.Path + Path.DirectorySeparatorChar, "relative");

        Assert.Equal([folder.Path, Path.GetFullPath("relative")], Read([], new() { ["JARVIS_LIBRARY"] = list }).Libraries);
    }

    [Fact]
    public void Libraries_NotGiven_IncludeTheBundledOne()
    {
        using var repository = new TempFolder();
        var library = Directory.CreateDirectory(Path.Combine(repository.Path, "library")).FullName;
        var reader = new OptionsReader([], new ConfigurationBuilder().Build(), Path.Combine(repository.Path, "Jarvis.AppHost"));

        Assert.Contains(library, reader.Read().Libraries);
    }

    [Theory]
    [InlineData("Mail:Smtp:Password", true)]
    [InlineData("Auth:Admin:Password", true)]
    [InlineData("Embeddings:ApiKey", true)]
    [InlineData("N8n:WebhookKey", true)]
    [InlineData("N8n:WebhookKeyHeader", false)]
    [InlineData("Limits:Read", false)]
    public void Setting_ThatIsASecret_IsKnown(string key, bool isSecret) => Assert.Equal(isSecret, ServiceOptionsExtensions.IsSecret(key));

    [Fact]
    public void N8n_OnTheCommandLine_GoesBeforeConfiguration() => Assert.Equal(
        new Dictionary<string, string>(StringComparer.Ordinal) { ["N8n:BaseUrl"] = "http://localhost:5678", ["N8n:WebhookKey"] = "k" },
        Read(["--n8n", "http://localhost:5678"], new() { ["N8n:BaseUrl"] = "http://elsewhere", ["N8n:WebhookKey"] = "k" }).N8n);

    [Fact]
    public void Embeddings_Given_ArePassedOnAsTheyAre() => Assert.Equal(
        new Dictionary<string, string>(StringComparer.Ordinal) { ["Embeddings:Model"] = "nomic-embed-text", ["Embeddings:Provider"] = "ollama" },
        Read([], new() { ["Embeddings:Provider"] = "ollama", ["Embeddings:Model"] = "nomic-embed-text", ["Embeddings:ApiKey"] = "" }).Embeddings);

    [Fact]
    public void Problems_OfEveryKind_AreNamedAtOnce()
    {
        var configuration = Configuration(new()
        {
            ["Replicas:Catalog"] = "17",
            ["Replicas:Gateway"] = "0",
            ["Embedded:IgnoreInstalled"] = "perhaps",
            ["N8n:BaseUrl"] = "ftp://n8n",
            ["Embeddings:BaseUrl"] = "localhost:11434",
        });
        var reader = new OptionsReader(["--port", "70000", "--colour", "red"], configuration, AppContext.BaseDirectory);

        reader.Read();

        Assert.Collection(
            reader.Problems,
            problem => Assert.StartsWith("--colour", problem, StringComparison.Ordinal),
            problem => Assert.StartsWith("--port", problem, StringComparison.Ordinal),
            problem => Assert.StartsWith("N8n:BaseUrl", problem, StringComparison.Ordinal),
            problem => Assert.StartsWith("Embeddings:BaseUrl", problem, StringComparison.Ordinal),
            problem => Assert.StartsWith("Replicas:Catalog", problem, StringComparison.Ordinal),
            problem => Assert.StartsWith("Replicas:Gateway", problem, StringComparison.Ordinal),
            problem => Assert.StartsWith("Embedded:IgnoreInstalled", problem, StringComparison.Ordinal));
    }

    static AppHostOptions Read(string[] args, Dictionary<string, string?> values)
    {
        var reader = new OptionsReader(args, Configuration(values), Path.Combine(AppContext.BaseDirectory, "Jarvis.AppHost"));
        var options = reader.Read();
        Assert.Empty(reader.Problems);
        return options;
    }

    static IConfiguration Configuration(Dictionary<string, string?> values) => new ConfigurationBuilder().AddInMemoryCollection(values).Build();
}
