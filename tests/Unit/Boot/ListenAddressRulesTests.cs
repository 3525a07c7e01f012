using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using VoiceWorker.Boot;
using VoiceWorker.Servers;

namespace VoiceWorker.Tests.Unit.Boot;

public sealed class ListenAddressRulesTests
{
    [Theory]
    [InlineData("8080")]
    [InlineData("127.0.0.1:8080")]
    [InlineData("ftp://127.0.0.1:8080")]
    [InlineData("http://127.0.0.1:99999")]
    [InlineData("http://127.0.0.1:0/path")]
    [InlineData("https://127.0.0.1:0")]
    [InlineData("http://192.0.2.1:0")]
    [InlineData("http://127.0.0.1:0;nonsense")]
    public void An_address_that_cannot_be_listened_on_is_told_by_its_setting(string urls)
    {
        var wrong = Assert.Throws<OptionsValidationException>(() => Check(urls));

        Assert.StartsWith("--urls (or ASPNETCORE_URLS) ", Assert.Single(wrong.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_in_use_is_told_with_its_address()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var url = $"http://{other.LocalEndpoint}";

        var taken = Assert.Throws<ServerUnreachableException>(() => Check(url));

        Assert.StartsWith($"--urls (or ASPNETCORE_URLS) has {url}, and another process listens there", taken.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:0")]
    [InlineData("http://localhost:0;http://[::1]:0;http://*:0")]
    [InlineData("http://unix:/tmp/worker.sock")]
    public void An_address_of_this_machine_passes(string urls) => Check(urls);

    private static void Check(string urls) => ListenAddress.EnsureFree(
        new ConfigurationBuilder().Build(), urls, ListenAddress.Setting);
}
