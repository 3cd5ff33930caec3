namespace Jarvis.ServiceDefaults.Security.Tokens;

/// <summary>What else must hold for a token whose signature does; asked once for each token, before it is remembered.</summary>
public interface ITokenChecks
{
    /// <summary>Whether the token may be taken.</summary>
    /// <returns><see cref="TokenFault.None"/>, or why it is not taken.</returns>
    /// <exception cref="Errors.FailureException">503: that cannot be told now.</exception>
    ValueTask<TokenFault> CheckAsync(TokenClaims claims, CancellationToken cancellationToken);
}
