using VoiceWorker.Infrastructure.Servers;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Clients.Conformance;

/// <summary>Every driver, built from its client's package outside of this repository, and a RabbitMQ to be killed.</summary>
public sealed class Drivers : IAsyncLifetime
{
    internal const string Password = "hidden-4711";

    private readonly string _folder = Directory.CreateTempSubdirectory("voice-worker-clients-").FullName;
    private IReadOnlyList<Uri> _virtualHosts = [];

    internal IReadOnlyList<Language> Languages { get; } = Language.All();

    internal LocalRabbitMq RabbitMq { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var token = TestContext.Current.CancellationToken;
        var options = new ServerOptions { PrefersMemory = true, RabbitMqPassword = Password };
        var launch = LocalRabbitMq.LaunchAsync(options, token);
        await Task.WhenAll(Languages.Select(language => language.BuildAsync(FolderOf(language))));
        RabbitMq = await launch;
        _virtualHosts = await RabbitMq.AddVirtualHostsAsync([.. Behaviour.All.Select((_, index) => $"clients-{index}")], token);
    }

    /// <summary>One for each behaviour.</summary>
    internal Uri VirtualHostOf(Behaviour behaviour) => _virtualHosts[Behaviour.All.ToList().IndexOf(behaviour)];

    internal string FolderOf(Language language) => Path.Combine(_folder, language.Name.Replace(' ', '-'));

    public async ValueTask DisposeAsync()
    {
        await RabbitMq.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
