using MassTransit;
using VoiceWorker.Contracts;

namespace VoiceWorker.Example;

/// <summary>Starts calls and changes voices. One for the whole program, which may use it from many threads.</summary>
public sealed class Producer : IAsyncDisposable
{
    private static readonly RequestTimeout Patience = RequestTimeout.After(s: 60);

    private readonly IBusControl _bus;
    private readonly IRequestClient<CallStarted> _calls;

    private Producer(IBusControl bus) => (_bus, _calls) = (bus, bus.CreateRequestClient<CallStarted>(Patience));

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
    /// <exception cref="RequestException">There was no answer within 60 s.</exception>
    public async Task<CallVoice> CallAsync(CallStarted call) => (await _calls.GetResponse<CallVoice>(call)).Message;

    /// <summary>Returns when RabbitMQ has it.</summary>
    public Task ChangeVoiceAsync(BusinessVoiceChanged change) =>
        _bus.Publish(change, publish => publish.Mandatory = true);

    public async ValueTask DisposeAsync() => await _bus.StopAsync();
}
