using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;

namespace Jarvis.Bench.Growth;

/// <summary>How Jarvis fares when its tables have grown: see <c>eng/grow.sh</c>.</summary>
public static class Growth
{
    public static async Task MeasureAsync(Uri gateway, string email, string password, string connection, long rows, TextWriter output)
    {
        await using var database = NpgsqlDataSource.Create(connection);
        using var client = new HttpClient { BaseAddress = gateway, Timeout = TimeSpan.FromSeconds(60) };
        await SignInAsync(client, email, password);
        if (rows > 0)
            await GrownTables.FillAsync(database, rows, output);
        await SignInAsync(client, email, password);
        await new GrownReads(client, database, output).MeasureAsync();
        await SignInAsync(client, email, password);
        await GrownMigration.MeasureAsync(client, database, output);
    }

    private static async Task SignInAsync(HttpClient client, string email, string password)
    {
        using var response = await client.PostAsJsonAsync("/api/v2/auth/login", new { email, password });
        response.EnsureSuccessStatusCode();
        var token = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data").GetProperty("access_token").GetString();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }
}
