using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Infrastructure.Servers;
using Xunit;

namespace VoiceWorker.Tests.Browser.Security;

/// <summary>Where others than this machine could reach it, a console does not start without what protects it.</summary>
public sealed class StartTests
{
    private const string Provider = "--Console:Oidc:Authority=https://login.example";

    [Theory]
    [InlineData("console", "http://0.0.0.0", null, "Console:Urls", "Console:Oidc:Authority")]
    [InlineData("run", "http://0.0.0.0", null, "Console:Urls", "Console:Oidc:Authority")]
    [InlineData("console", "https://console.example", null, "Console:Urls", "Console:Oidc:Authority")]
    [InlineData("console", "http://*", null, "Console:Urls", "Console:Oidc:Authority")]
    [InlineData("console", "http://0.0.0.0", Provider, "Console:Urls", "Console:TrustedProxies")]
    [InlineData("run", "http://[::]", Provider, "Console:Urls", "Console:TrustedProxies")]
    [InlineData("console", "http://127.0.0.1", "--Console:Oidc:Authority=http://login.example", "Console:Oidc:Authority", "https")]
    public async Task A_start_without_protection_ends_with_2(string verb, string host, string? setting, params string[] named)
    {
        string[] command =
        [
            "dotnet", WorkerProcess.Dll, verb, "--Console:Enabled=true", $"--Console:Urls={host}:{FreePort.Next()}", "--urls", "http://127.0.0.1:0",
            "--ConnectionStrings:Postgres=Host=127.0.0.1;Port=1;Database=app;Username=worker", "--ConnectionStrings:RabbitMq=amqp://127.0.0.1:1",
        ];

        var (code, output) = await Command.TryAsync(setting is null ? command : [.. command, setting], TestContext.Current.CancellationToken);

        Assert.True(code == 2, output);
        Assert.All(named, part => Assert.Contains(part, output, StringComparison.Ordinal));
    }
}
