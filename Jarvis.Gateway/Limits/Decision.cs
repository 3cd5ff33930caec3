namespace Jarvis.Gateway.Limits;

internal enum Outcome
{
    Allowed,
    Refused,

    /// <summary>Cannot be told while Redis is gone, so no.</summary>
    Unavailable,
}

/// <summary>Whether a request may pass.</summary>
/// <param name="Quota">What it was measured by.</param>
/// <param name="Remaining">Tokens that are left, as far as this replica knows.</param>
/// <param name="Wait">Until there is a token again, when it was refused.</param>
internal readonly record struct Decision(Outcome Outcome, Quota Quota, int Remaining, TimeSpan Wait = default);
