using System.Threading.Channels;
using Jarvis.ServiceDefaults.Messaging;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Jarvis.ServiceDefaults.Registry;

/// <summary>Listens for questions to this process and for answers to its own. Without Redis there are none, and it tries again.</summary>
internal sealed partial class ControlListener(ControlBus control, ControlDispatcher dispatcher, MessageBus bus, TimeProvider time, ILogger<ControlListener> logger) : BackgroundService
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);

    // A question that finds no place is not answered: the asker counts this process as unreachable.
    private readonly Channel<ControlRequest> _questions =
        Channel.CreateBounded<ControlRequest>(new BoundedChannelOptions(64) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The first connection may take seconds, and the server is to start without it.
        await Task.Yield();
        await SubscribeAsync(stoppingToken);
        await foreach (var question in _questions.Reader.ReadAllAsync(stoppingToken))
            await control.AnswerAsync(question, await dispatcher.HandleAsync(question.Id, question.Kind, question.Args, stoppingToken), stoppingToken);
    }

    private async Task SubscribeAsync(CancellationToken stoppingToken)
    {
        for (var told = false; ; told = true)
        {
            try
            {
                await bus.SubscribeAsync<ControlReply>(control.ReplyTopic, HearReply);
                await bus.SubscribeAsync<ControlRequest>(ControlBus.Topic, HearQuestion);
                control.IsListening = true;
                return;
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // Of whatever type, as with MessageBus: hints must not end the process.
                if (!told)
                    LogAlone(exception.GetType().Name);
                await Task.Delay(Retry, time, stoppingToken);
            }
        }
    }

    private void HearReply(Message<ControlReply> message) => control.Take(message.Data);

    private void HearQuestion(Message<ControlRequest> message)
    {
        if (control.IsFor(message.Data))
            _questions.Writer.TryWrite(message.Data);
    }

    [LoggerMessage(EventId = 41, Level = LogLevel.Warning, Message = "Commands to all replicas cannot be subscribed to ({Reason}). Said once; tried again every 5 s")]
    private partial void LogAlone(string reason);
}
