using MassTransit;
using VoiceWorker.Contracts;
using Xunit;

namespace VoiceWorker.Tests.Integration.Bus;

/// <summary>A .NET producer with MassTransit, as one would write it.</summary>
internal sealed class MassTransitClient(IBusControl bus) : IAsyncDisposable
{
    public static async Task<MassTransitClient> StartAsync(Uri broker)
    {
        var bus = MassTransit.Bus.Factory.CreateUsingRabbitMq(rabbit =>
        {
            rabbit.Host(broker);
            rabbit.Message<CallStarted>(message => message.SetEntityName(Exchanges.CallStarted));
            rabbit.Message<BusinessVoiceChanged>(message => message.SetEntityName(Exchanges.BusinessVoiceChanged));
        });
        await bus.StartAsync(TestContext.Current.CancellationToken);
        return new MassTransitClient(bus);
    }

    public async Task<CallVoice> AskAsync(CallStarted call) =>
        (await bus.CreateRequestClient<CallStarted>().GetResponse<CallVoice>(call, TestContext.Current.CancellationToken)).Message;

    public async Task<VoiceChangeResult> AskAsync(BusinessVoiceChanged change) => (await bus
        .CreateRequestClient<BusinessVoiceChanged>()
        .GetResponse<VoiceChangeResult>(change, TestContext.Current.CancellationToken)).Message;

    public Task PublishAsync(BusinessVoiceChanged change) => bus.Publish(change, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync() => await bus.StopAsync();
}
