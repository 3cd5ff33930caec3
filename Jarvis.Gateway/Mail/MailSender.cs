using System.Net;
using System.Net.Mail;
using Jarvis.ServiceDefaults.Data;
using Microsoft.Extensions.Options;
using OpenTelemetry;

namespace Jarvis.Gateway.Mail;

/// <summary>
/// Sends what waits in the outbox: by SMTP, or, without a server for that, the link to the operator's console, without the address, and to no collector. It looks at set times and is not woken: else the
/// requests after one for a known address would be slowed down by the work for it, and tell.
/// </summary>
internal sealed partial class MailSender(
    Outbox outbox, MailComposer composer, MigrationRunner migrations, IOptions<SmtpOptions> smtp, IOptions<MailOptions> options, OperatorLinks links, TimeProvider time,
    ILogger<MailSender> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var untraced = SuppressInstrumentationScope.Begin();
        await migrations.Applied.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.Value.PollSeconds), time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await outbox.ClaimAsync(stoppingToken) is { } row)
                    await SendAsync(row, stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                LogPostgres(exception.Message);
            }
        }
    }

    /// <summary>Whatever goes wrong with one is its own: it counts as an attempt, and the others go on.</summary>
    private async Task SendAsync(OutboxRow row, CancellationToken cancellationToken)
    {
        try
        {
            if (outbox.IsSpent(row))
                LogGivenUp(row.Kind, row.Attempts - 1, "the process ended over it");
            else if (await composer.ComposeAsync(row, cancellationToken) is { } message
                && !await HandOverAsync(row, message, cancellationToken))
                return;
            await outbox.DoneAsync(row.Id, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // Its message may name the address that the server refused.
            var reason = exception is SmtpException failed ? failed.StatusCode.ToString() : exception.GetType().Name;
            if (await outbox.PostponeAsync(row, cancellationToken))
                LogPostponed(row.Kind, row.Attempts, reason);
            else
                LogGivenUp(row.Kind, row.Attempts, reason);
        }
    }

    /// <summary>Sends it, or tells its link; false when it has to wait, since its recipient had another one a moment ago.</summary>
    private async Task<bool> HandOverAsync(OutboxRow row, MailMessageText message, CancellationToken cancellationToken)
    {
        if (!await outbox.TakeTurnAsync(row, cancellationToken))
            return false;
        if (smtp.Value.IsConfigured)
            await DeliverAsync(message, cancellationToken);
        else
            links.Tell(message);
        return true;
    }

    private async Task DeliverAsync(MailMessageText message, CancellationToken cancellationToken)
    {
        var server = smtp.Value;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(server.TimeoutSeconds), time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var client = new SmtpClient(server.Host, server.Port) { EnableSsl = server.Tls };
        if (!string.IsNullOrEmpty(server.User))
            client.Credentials = new NetworkCredential(server.User, server.Password);
        using var mail = new MailMessage(server.From!, message.To, message.Subject, message.Text);
        await client.SendMailAsync(mail, both.Token);
    }

    [LoggerMessage(EventId = 451, Level = LogLevel.Warning, Message = "An e-mail ({Kind}) could not be sent, attempt {Attempt}: {Reason}")]
    private partial void LogPostponed(string kind, int attempt, string reason);

    [LoggerMessage(EventId = 452, Level = LogLevel.Error, Message = "An e-mail ({Kind}) was given up after {Attempts} attempts: {Reason}")]
    private partial void LogGivenUp(string kind, int attempts, string reason);

    [LoggerMessage(EventId = 453, Level = LogLevel.Warning, Message = "The outbox could not be read ({Reason}); tried again soon")]
    private partial void LogPostgres(string reason);
}
