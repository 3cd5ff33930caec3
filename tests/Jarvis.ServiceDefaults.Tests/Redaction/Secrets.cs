namespace Jarvis.ServiceDefaults.Tests.Redaction;

/// <summary>Secrets in each of the forms that Jarvis makes; none of them opens anything.</summary>
internal static class Secrets
{
    public const string Ticket = "q83vEjRWeJCrze8BI0VniavN7wEjRWeJq83vASNFZ4k";
    public const string SetupToken = "3f9ac01d5e6b7a8f9e0d1c2b3a4f5e6d7c8b9a0f1e2d3c4b5a6f7e8d9c0b1a2f";
    public const string ApiKey = $"jrv_ab12cd34_{Ticket}";
    public const string RefreshToken = $"jrt_{Ticket}";
    public const string Jwt = "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIwMTk4ZjJjNCJ9.c2lnbmF0dXJlLW9mLWEtdGVzdA";
    public const string Password = "tram-opposite-violet-kettle";

    public static readonly string[] All = [Ticket, SetupToken, ApiKey, RefreshToken, Jwt];

    public static IEnumerable<object[]> Each() => All.Select(secret => new object[] { secret });
}
