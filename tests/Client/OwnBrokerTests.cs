using System.Net.Security;
using VoiceWorker.Client;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Infrastructure.Servers;
using VoiceWorker.Tests.Client.World;
using Xunit;

namespace VoiceWorker.Tests.Client;

/// <summary>What is done to the whole of a RabbitMQ.</summary>
public sealed class OwnBrokerTests
{
    [FullRun]
    [Fact]
    public async Task In_an_alarm_calls_get_their_default_and_what_waits_is_sent_behind_it()
    {
        await using var rabbit = await LocalRabbitMq.LaunchAsync(new ServerOptions { PrefersMemory = true }, Token);
        await using var worker = await FakeWorker.StartAsync(rabbit.AmqpUri, FakeWorker.Voice);
        await using var client = Connect(rabbit.AmqpUri);
        await client.VoiceForAsync(1, "CA-1", cancellationToken: Token);
        await rabbit.ControlAsync(["set_vm_memory_high_watermark", "absolute", "1MB"], Token);
        // RabbitMQ says so to who has published since.
        Assert.True(await Polling.UntilAsync(
            async token => (await AskBrieflyAsync(client, token)).Reason == Voice.Timeout, Waits.Longest, Token));

        var waiting = client.VoiceForAsync(2, "CA-2", cancellationToken: Token);
        var unsure = await Assert.ThrowsAsync<NotConfirmedException>(() => client.ChangeVoiceAsync(
            42, "sage", timeout: TimeSpan.FromSeconds(4), cancellationToken: Token));
        await rabbit.ControlAsync(["set_vm_memory_high_watermark", "0.4"], Token);

        Assert.Equal("v2", (await waiting).VoiceId);
        Assert.Contains("RabbitMQ takes no messages", unsure.Message, StringComparison.Ordinal);
    }

    [FullRun]
    [Fact]
    public async Task It_speaks_TLS_with_whom_it_trusts_and_with_nobody_else()
    {
        using var authority = new CertificateAuthority("Voice test authority");
        var certificate = authority.Issue("localhost", TimeSpan.FromDays(1));
        var options = new ServerOptions { Certificate = certificate, PrefersMemory = true };
        await using var rabbit = await LocalRabbitMq.LaunchAsync(options, Token);
        await using var worker = await FakeWorker.StartAsync(rabbit.AmqpUri, FakeWorker.Voice);
        var secure = new UriBuilder(rabbit.AmqpUri) { Scheme = "amqps", Host = "localhost", Port = rabbit.TlsPort }.Uri;
        // Of the errors that there are only the authority, which this machine does not know.
        await using var trusting = Connect(secure, factory => factory.Ssl.CertificateValidationCallback =
            static (_, _, _, errors) => errors == SslPolicyErrors.RemoteCertificateChainErrors);
        await using var strict = Connect(secure);

        Assert.Equal("v1", (await trusting.VoiceForAsync(1, "CA-1", cancellationToken: Token)).VoiceId);
        Assert.Equal(
            Voice.Timeout, (await strict.VoiceForAsync(1, "CA-1", TimeSpan.FromSeconds(2), cancellationToken: Token)).Reason);
    }

    // RabbitMQ.Client's own default for URIs would take a certificate of another name.
    [Fact]
    public void A_certificate_has_to_be_that_of_the_host()
    {
        var accepted = default(SslPolicyErrors?);
        using var client = Connect(
            new Uri("amqps://localhost"), factory => accepted = factory.Ssl.AcceptablePolicyErrors);

        Assert.Equal(SslPolicyErrors.None, accepted);
    }

    private static Task<Voice> AskBrieflyAsync(VoiceClient client, CancellationToken cancellationToken) =>
        client.VoiceForAsync(1, "CA-1", TimeSpan.FromMilliseconds(300), cancellationToken: cancellationToken);

    private static VoiceClient Connect(Uri uri, Action<RabbitMQ.Client.ConnectionFactory>? configure = null) => new(
        new VoiceClientOptions { Uris = [uri.AbsoluteUri], Timeout = Waits.Longest, ConfigureConnection = configure });

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
