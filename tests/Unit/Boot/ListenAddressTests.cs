using VoiceWorker.Boot;

namespace VoiceWorker.Tests.Unit.Boot;

public sealed class ListenAddressTests
{
    private const string Loopback = "http://127.0.0.1:8080";

    // The base image of ASP.NET sets HTTP_PORTS, which means every interface; URLS goes before it.
    [Theory]
    [InlineData(null, null, Loopback)]
    [InlineData("ASPNETCORE_HTTP_PORTS", "8080", Loopback)]
    [InlineData("ASPNETCORE_URLS", "http://127.0.0.1:9090", "http://127.0.0.1:9090")]
    public async Task HTTP_is_for_this_machine_unless_somebody_says_otherwise(string? variable, string? value, string expected)
    {
        var names = new[] { "ASPNETCORE_URLS", "DOTNET_URLS", "URLS", "ASPNETCORE_HTTP_PORTS", "DOTNET_HTTP_PORTS", "HTTP_PORTS" };
        var before = names.ToDictionary(name => name, Environment.GetEnvironmentVariable);
        try
        {
            foreach (var name in names)
                Environment.SetEnvironmentVariable(name, name == variable ? value : null);
            await using var worker = WorkerHost.BuildTools([]);

            Assert.Equal(expected, worker.Configuration["urls"]);
        }
        finally
        {
            foreach (var (name, given) in before)
                Environment.SetEnvironmentVariable(name, given);
        }
    }

    [Fact]
    public async Task The_command_line_says_otherwise()
    {
        await using var worker = WorkerHost.BuildTools(["--urls", "http://0.0.0.0:8080"]);

        Assert.Equal("http://0.0.0.0:8080", worker.Configuration["urls"]);
    }
}
