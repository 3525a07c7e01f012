using System.Text.Json;
using MassTransit;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;
using VoiceWorker.Contracts.Validation;

namespace VoiceWorker.Example;

/// <summary>Starts calls and changes voices.</summary>
internal static class Producer
{
    private static readonly RequestTimeout Patience = RequestTimeout.After(s: 60);

    public static Task CallAsync(Uri broker, int businessId, int times) => WithBusAsync(broker, async bus =>
    {
        var client = bus.CreateRequestClient<CallStarted>(Patience);
        await Task.WhenAll(Enumerable.Range(0, times).Select(async _ =>
        {
            var call = new CallStarted($"CA-{Guid.NewGuid():N}", businessId, DateTimeOffset.UtcNow);
            var answer = await client.GetResponse<CallVoice>(call);
            Console.WriteLine(JsonSerializer.Serialize(answer.Message, ContractsJson.Default.CallVoice));
        }));
    });

    // Returns when RabbitMQ has it.
    public static Task ChangeVoiceAsync(Uri broker, int businessId, string voiceId)
    {
        var change = Arguments.Check(
            new BusinessVoiceChanged(businessId, voiceId, DateTimeOffset.UtcNow, "VoiceWorker.Example"), ContractRules.Check);
        return WithBusAsync(broker, bus => bus.Publish(change, publish => publish.Mandatory = true));
    }

    private static async Task WithBusAsync(Uri broker, Func<IBusControl, Task> use)
    {
        var bus = Bus.Factory.CreateUsingRabbitMq(rabbit =>
        {
            rabbit.Host(broker);
            rabbit.Message<CallStarted>(message => message.SetEntityName(Exchanges.CallStarted));
            rabbit.Message<BusinessVoiceChanged>(message => message.SetEntityName(Exchanges.BusinessVoiceChanged));
        });
        await Broker.RequireAsync(broker);
        await bus.StartAsync(TimeSpan.FromSeconds(30));
        try
        {
            await use(bus);
        }
        finally
        {
            await bus.StopAsync();
        }
    }
}
