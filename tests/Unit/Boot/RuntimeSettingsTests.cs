using System.Text.Json;

namespace VoiceWorker.Tests.Unit.Boot;

/// <summary>What the project file says of the runtime is what the runtime is told: a misspelt property is silently ignored.</summary>
public sealed class RuntimeSettingsTests
{
    [Theory]
    [InlineData("System.GC.Server")]
    [InlineData("System.GC.Concurrent")]
    [InlineData("System.Runtime.TieredPGO")]
    public void The_worker_runs_without(string property)
    {
        using var settings = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "VoiceWorker.runtimeconfig.json")));

        Assert.False(settings.RootElement.GetProperty("runtimeOptions").GetProperty("configProperties").GetProperty(property).GetBoolean());
    }
}
