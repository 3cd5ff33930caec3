using Jarvis.ServiceDefaults.Data;
using Jarvis.ServiceDefaults.Security;
using Jarvis.ServiceDefaults.Security.Tokens;
using Npgsql;

namespace Jarvis.Gateway.SignIn;

/// <summary>Asks Postgres, once for each token, whether its session lives and its account still has the role that the token says.</summary>
internal sealed class SessionChecks(NpgsqlDataSource database) : ITokenChecks
{
    private const string OfSession =
        """
        SELECT account.role FROM identity.session JOIN identity.account ON account.id = session.account_id
        WHERE session.id = $1 AND session.account_id = $2 AND session.revoked_at IS NULL AND session.max_expires_at > now()
            AND account.disabled_at IS NULL
        """;

    public async ValueTask<TokenFault> CheckAsync(TokenClaims claims, CancellationToken cancellationToken)
    {
        // Tokens made for API keys go from the gateway to the services and are not taken from outside: the key is.
        if (claims.Kind is not CallerKind.User)
            return TokenFault.Claims;
        await using var command = database.CreateCorrelatedCommand(OfSession);
        command.Parameters.Add(new() { Value = claims.Session });
        command.Parameters.Add(new() { Value = claims.Subject });
        var role = RoleNames.Parse(await command.ExecuteScalarAsync(cancellationToken) as string);
        return role is not null && role == claims.Role ? TokenFault.None : TokenFault.Revoked;
    }
}
