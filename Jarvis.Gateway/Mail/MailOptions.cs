using System.ComponentModel.DataAnnotations;

namespace Jarvis.Gateway.Mail;

/// <summary>The server that takes e-mails; section <c>Mail:Smtp</c>. Without a host, links go to the log, for the operator.</summary>
public sealed record SmtpOptions
{
    public string? Host { get; init; }

    [Range(1, 65_535)]
    public int Port { get; init; } = 587;

    public string? User { get; init; }

    public string? Password { get; init; }

    /// <summary>The sender's address; needed with <see cref="Host"/>.</summary>
    [EmailAddress]
    public string? From { get; init; }

    /// <summary>Whether STARTTLS must succeed before anything is sent.</summary>
    public bool Tls { get; init; } = true;

    /// <summary>Seconds that handing over one e-mail may take.</summary>
    [Range(1, 300)]
    public int TimeoutSeconds { get; init; } = 30;

    public bool IsConfigured => !string.IsNullOrEmpty(Host);
}

/// <summary>Sending; section <c>Mail</c>.</summary>
public sealed record MailOptions
{
    /// <summary>Seconds between two looks for e-mails that are due.</summary>
    [Range(1, 600)]
    public int PollSeconds { get; init; } = 5;

    /// <summary>Attempts for one e-mail, with 5 s, 10 s, 20 s, … (10 minutes at most) between them.</summary>
    [Range(1, 50)]
    public int Attempts { get; init; } = 8;

    /// <summary>Seconds between two e-mails to one recipient, of whatever kind; 0 = none.</summary>
    [Range(0, 86_400)]
    public int RecipientSeconds { get; init; } = 60;

    /// <summary>E-mails that may wait; with more, requests for further ones are refused.</summary>
    [Range(10, 1_000_000)]
    public int MaxWaiting { get; init; } = 5_000;
}
