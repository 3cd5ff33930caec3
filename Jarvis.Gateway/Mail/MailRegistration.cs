namespace Jarvis.Gateway.Mail;

internal static class MailRegistration
{
    public static void AddMail(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<MailOptions>().BindConfiguration("Mail").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<SmtpOptions>().BindConfiguration("Mail:Smtp").ValidateDataAnnotations()
            .Validate(smtp => !smtp.IsConfigured || !string.IsNullOrEmpty(smtp.From), "Mail:Smtp:From is needed with Mail:Smtp:Host.").ValidateOnStart();
        builder.Services.AddSingleton<EmailLinks>();
        builder.Services.AddSingleton<Outbox>();
        builder.Services.AddSingleton<MailComposer>();
        builder.Services.AddSingleton<OperatorLinks>();
        builder.Services.AddHostedService<MailSender>();
    }
}
