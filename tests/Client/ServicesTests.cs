using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using VoiceWorker.Client;
using VoiceWorker.Tests.Client.World;
using Xunit;

namespace VoiceWorker.Tests.Client;

/// <summary>The client as a part of an application.</summary>
public sealed class ServicesTests(Broker broker)
{
    [Fact]
    public async Task An_application_gets_one_client_with_its_settings()
    {
        await using var worker = await FakeWorker.StartAsync(broker.Uri, FakeWorker.Voice);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddVoiceWorkerClient(broker.Uri.AbsoluteUri, options => options.DefaultVoice = "sage");
        using var host = builder.Build();
        await host.StartAsync(Token);

        var client = host.Services.GetRequiredService<IVoiceClient>();

        Assert.Same(client, host.Services.GetRequiredService<IVoiceClient>());
        Assert.True(await client.ConnectAsync(cancellationToken: Token));
        Assert.Equal("v42", (await client.VoiceForAsync(42, "CA-1", Waits.Longest, cancellationToken: Token)).VoiceId);
        Assert.Equal("sage", (await client.VoiceForAsync(42, "CA-2", TimeSpan.FromTicks(1), cancellationToken: Token)).VoiceId);
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task A_container_that_is_not_asynchronous_disposes_of_it()
    {
        var client = default(IVoiceClient);
        using (var provider = new ServiceCollection().AddVoiceWorkerClient("amqp://127.0.0.1:1").BuildServiceProvider())
            client = provider.GetRequiredService<IVoiceClient>();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.ConnectAsync(cancellationToken: Token));
    }

    [Fact]
    public async Task What_became_of_calls_is_measured()
    {
        var measured = new List<(string Name, double Value)>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = static (instrument, own) =>
        {
            if (instrument.Meter.Name == VoiceClient.MeterName)
                own.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Keep(instrument, value));
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => Keep(instrument, value));
        listener.Start();
        await using var client = new VoiceClient(
            new VoiceClientOptions { Uris = ["amqp://127.0.0.1:1"], Timeout = TimeSpan.FromMilliseconds(50) });
        await client.VoiceForAsync(1, "CA-1", cancellationToken: Token);
        listener.RecordObservableInstruments();

        // Clients of other tests are heard too.
        lock (measured)
        {
            Assert.Contains(("voice_worker.client.calls.defaulted", 1), measured);
            Assert.Contains(measured, one => one is { Name: "voice_worker.client.call.duration", Value: > 0.04 });
        }

        void Keep(Instrument instrument, double value)
        {
            lock (measured)
                measured.Add((instrument.Name, value));
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
