using System.ComponentModel.DataAnnotations;

namespace Jarvis.Gateway.Identity;

/// <summary>Who may make an account without an admin doing it.</summary>
public enum RegistrationMode
{
    /// <summary>Nobody.</summary>
    Closed,

    /// <summary>Whoever has an invitation.</summary>
    Invitation,

    /// <summary>Everybody who can read e-mail at the address.</summary>
    Open,
}

/// <summary>Accounts, sessions and keys; section <c>Auth</c>.</summary>
public sealed record AuthOptions
{
    /// <summary>With this, once, the first account is made. Null: only <see cref="Admin"/> makes it.</summary>
    public string? SetupToken { get; init; }

    /// <summary>The first account, made at start when there is none.</summary>
    public GivenAdmin Admin { get; init; } = new();

    /// <summary>32 bytes in base64, the same for all replicas: what follows a spent refresh token, and the tokens in e-mailed links, derive from it.</summary>
    [Base64String]
    [MinLength(43)]
    public string? Secret { get; init; }

    /// <summary>Where people reach Jarvis, for links in e-mails, such as <c>https://jarvis.example.com</c>.</summary>
    [Url]
    public string? PublicUrl { get; init; }

    public RegistrationMode Registration { get; init; } = RegistrationMode.Closed;

    /// <summary>Days after which a session that is not used ends.</summary>
    [Range(1, 365)]
    public int SessionIdleDays { get; init; } = 14;

    /// <summary>Days after which a session ends in any case.</summary>
    [Range(1, 3_650)]
    public int SessionMaxDays { get; init; } = 90;

    /// <summary>Seconds in which a spent refresh token still gets the answer that was lost.</summary>
    [Range(0, 60)]
    public int RefreshGraceSeconds { get; init; } = 10;

    /// <summary>Sessions of one account; a further one ends the one that was used least recently.</summary>
    [Range(1, 1_000)]
    public int MaxSessions { get; init; } = 50;

    /// <summary>API keys of one account.</summary>
    [Range(1, 1_000)]
    public int MaxApiKeys { get; init; } = 50;

    /// <summary>
    /// API keys of one account that are kept after they were revoked: the newest, for <see cref="KeepEndedDays"/> at most.
    /// </summary>
    [Range(0, 10_000)]
    public int MaxEndedApiKeys { get; init; } = 100;

    /// <summary>Invitations that wait.</summary>
    [Range(1, 1_000)]
    public int MaxInvitations { get; init; } = 200;

    /// <summary>Minutes that a link to set a new password or to confirm an address is good for.</summary>
    [Range(1, 1_440)]
    public int LinkMinutes { get; init; } = 60;

    /// <summary>Seconds that a ticket for a WebSocket is good for.</summary>
    [Range(1, 300)]
    public int TicketSeconds { get; init; } = 30;

    /// <summary>Seconds between two writes of when sessions and keys were last used.</summary>
    [Range(1, 3_600)]
    public int UsageFlushSeconds { get; init; } = 15;

    /// <summary>Days that ended sessions, keys and invitations are kept.</summary>
    [Range(1, 3_650)]
    public int KeepEndedDays { get; init; } = 30;

    /// <summary>Iterations of PBKDF2-HMAC-SHA512; OWASP's figure is the least. When raised, a password is hashed anew at the next sign-in.</summary>
    [Range(210_000, 100_000_000)]
    public int PasswordIterations { get; init; } = 210_000;

    /// <summary>Passwords that are hashed at the same time; 0 for half of the processors.</summary>
    [Range(0, 256)]
    public int PasswordConcurrency { get; init; }

    /// <summary>Requests that may wait for that; further ones are told to come back (503).</summary>
    [Range(0, 10_000)]
    public int PasswordQueue { get; init; } = 32;
}

/// <summary>The first account's e-mail address and password; section <c>Auth:Admin</c>.</summary>
public sealed record GivenAdmin
{
    public string? Email { get; init; }

    public string? Password { get; init; }
}

/// <summary>How attempts to sign in are slowed down; section <c>Auth:Lockout</c>.</summary>
public sealed record LockoutOptions
{
    /// <summary>Failures after which an account's sign-in waits: 1 s, then twice as long with each further failure. 0 = off.</summary>
    [Range(0, 1_000)]
    public int AccountFailures { get; init; } = 5;

    /// <summary>The same for a network address (IPv6: its /64), behind which there may be many people; never for the loopback. 0 = off.</summary>
    [Range(0, 100_000)]
    public int AddressFailures { get; init; } = 20;

    /// <summary>Seconds that a wait takes at most.</summary>
    [Range(1, 86_400)]
    public int MaxDelaySeconds { get; init; } = 900;

    /// <summary>Minutes without an attempt after which failures are forgotten.</summary>
    [Range(1, 10_080)]
    public int ForgetMinutes { get; init; } = 60;

    /// <summary>Days after a sign-in for which others' failures do not make the account wait at the same network address. 0 = off.</summary>
    [Range(0, 365)]
    public int FamiliarDays { get; init; } = 30;
}
