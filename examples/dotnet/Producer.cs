using MassTransit;
using VoiceWorker.Contracts;

namespace VoiceWorker.Example;

/// <summary>Starts calls and changes voices. One for the whole program, which may use it from many threads.</summary>
public sealed class Producer : IAsyncDisposable
{
    private static readonly RequestTimeout Patience = RequestTimeout.After(s: 60);

    private readonly IBusControl _bus;
    private readonly IRequestClient<CallStarted> _calls;
    private readonly IRequestClient<BusinessVoiceChanged> _changes;

    private Producer(IBusControl bus)
    {
        _bus = bus;
        _calls = bus.CreateRequestClient<CallStarted>(Patience);
        _changes = bus.CreateRequestClient<BusinessVoiceChanged>(Patience);
    }

    public static async Task<Producer> ConnectAsync(Uri broker)
    {
        var bus = Bus.Factory.CreateUsingRabbitMq(rabbit =>
        {
            rabbit.Host(broker);
            rabbit.Message<CallStarted>(message => message.SetEntityName(Exchanges.CallStarted));
            rabbit.Message<BusinessVoiceChanged>(message => message.SetEntityName(Exchanges.BusinessVoiceChanged));
        });
        await Broker.RequireAsync(broker);
        await bus.StartAsync(TimeSpan.FromSeconds(30));
        return new Producer(bus);
    }

    /// <summary>Returns the voice to speak with, and why.</summary>
    /// <exception cref="RefusedException">The worker did not take it: it breaks the contract.</exception>
    /// <exception cref="RequestTimeoutException">There was no answer within 60 s.</exception>
    public Task<CallVoice> CallAsync(CallStarted call) => RequestAsync<CallStarted, CallVoice>(_calls, call);

    /// <summary>Returns when RabbitMQ has it.</summary>
    public Task ChangeVoiceAsync(BusinessVoiceChanged change) =>
        _bus.Publish(change, publish => publish.Mandatory = true);

    /// <summary>Returns what became of it, when it is committed.</summary>
    /// <exception cref="RefusedException">The worker did not take it: it breaks the contract.</exception>
    /// <exception cref="RequestTimeoutException">There was no answer within 60 s.</exception>
    public Task<VoiceChangeResult> AskForVoiceAsync(BusinessVoiceChanged change) =>
        RequestAsync<BusinessVoiceChanged, VoiceChangeResult>(_changes, change);

    public async ValueTask DisposeAsync() => await _bus.StopAsync();

    private static async Task<TReply> RequestAsync<TMessage, TReply>(IRequestClient<TMessage> client, TMessage message)
        where TMessage : class
        where TReply : class
    {
        try
        {
            return (await client.GetResponse<TReply>(message)).Message;
        }
        catch (RequestFaultException faulted)
        {
            throw new RefusedException(string.Join("; ", faulted.Fault!.Exceptions.Select(reason => reason.Message)));
        }
    }
}

/// <summary>The worker did not take a message: which fields and which rules it breaks.</summary>
/// <param name="broken">Such as "businessId: required: an integer from 1 to 2147483647".</param>
public sealed class RefusedException(string broken) : Exception($"refused: {broken}");
