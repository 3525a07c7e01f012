using System.ComponentModel.DataAnnotations;
using VoiceWorker.Boot;

namespace VoiceWorker.Tests.Unit.WebConsole;

/// <summary>Where the console may listen, and under whose word.</summary>
public sealed class ConsoleOptionsTests
{
    private const string Issuer = "https://login.example/realms/ops";

    [Theory]
    [InlineData("http://127.0.0.1:8081")]
    [InlineData("http://localhost:8081;http://[::1]:8081")]
    [InlineData("http://127.8.9.1:1")]
    public void Loopback_needs_nobody_to_sign_people_in(string urls) => Assert.Empty(Wrong(new() { Urls = urls }));

    [Theory]
    [InlineData("http://0.0.0.0:8081")]
    [InlineData("http://*:8081")]
    [InlineData("http://+:8081")]
    [InlineData("http://[::]:8081")]
    [InlineData("http://192.0.2.1:8081")]
    [InlineData("http://voice.example:8081")]
    [InlineData("https://0.0.0.0:8081")]
    [InlineData("http://127.0.0.1:8081;http://0.0.0.0:8082")]
    public void Any_other_address_needs_a_provider(string urls)
    {
        var wrong = Assert.Single(Wrong(new() { Urls = urls }));

        Assert.Contains("Console:Urls", wrong, StringComparison.Ordinal);
        Assert.Contains("Console:Oidc:Authority", wrong, StringComparison.Ordinal);
    }

    [Fact]
    public void With_a_provider_it_also_needs_https_or_a_proxy()
    {
        var plain = new ConsoleOptions { Urls = "http://0.0.0.0:8081", Oidc = new() { Authority = Issuer } };

        Assert.Contains("Console:TrustedProxies", Assert.Single(Wrong(plain)), StringComparison.Ordinal);
        plain.TrustedProxies = ["10.0.0.0/8"];
        Assert.Empty(Wrong(plain));
        Assert.Empty(Wrong(new() { Urls = "https://0.0.0.0:8443", Oidc = new() { Authority = Issuer } }));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ; ")]
    [InlineData("8081")]
    [InlineData("ftp://127.0.0.1:21")]
    [InlineData("http://unix:/tmp/console.sock")]
    public void What_is_no_address_is_named(string urls) =>
        Assert.Contains("Console:Urls", Assert.Single(Wrong(new() { Urls = urls })), StringComparison.Ordinal);

    [Theory]
    [InlineData("http://login.example")]
    [InlineData("login.example")]
    public void A_provider_is_asked_by_https(string authority) => Assert.Contains(
        "Console:Oidc:Authority", Assert.Single(Wrong(new() { Oidc = new() { Authority = authority } })), StringComparison.Ordinal);

    [Fact]
    public void Three_roles_have_three_names() => Assert.Contains(
        "must be three values",
        Assert.Single(Wrong(new() { Oidc = new() { Authority = Issuer, Admin = "voice-viewer" } })), StringComparison.Ordinal);

    [Fact]
    public void A_trace_has_its_place_in_the_address() => Assert.Contains(
        "{traceId}", Assert.Single(Wrong(new() { TraceUrl = "https://traces.example/" })), StringComparison.Ordinal);

    private static IEnumerable<string> Wrong(ConsoleOptions options) =>
        options.Validate(new ValidationContext(options)).Select(result => result.ErrorMessage!);
}
