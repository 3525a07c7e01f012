using Xunit;

namespace VoiceWorker.Tests.Integration.Servers;

/// <summary>A user of the broker that has only some rights, in the virtual host of the test; it goes with the
/// test.</summary>
internal sealed class BrokerUser : IAsyncDisposable
{
    private readonly TestServers _servers;

    private BrokerUser(TestServers servers) => _servers = servers;

    /// <summary>Its name, and its password.</summary>
    public string Name { get; } = $"limited-{Guid.NewGuid():N}";

    /// <summary>Adds one whose rights are these regular expressions.</summary>
    public static async Task<BrokerUser> AddAsync(TestServers servers, string configure, string write, string read)
    {
        var user = new BrokerUser(servers);
        await servers.RabbitMq.ControlAsync(["add_user", user.Name, user.Name], Token);
        await user.AllowAsync(configure, write, read);
        return user;
    }

    /// <summary>Gives it these rights in place of those that it has.</summary>
    public Task AllowAsync(string configure, string write, string read) => _servers.RabbitMq.ControlAsync(
        ["set_permissions", "-p", _servers.VirtualHost, Name, configure, write, read], Token);

    /// <summary>The environment of a worker that uses it.</summary>
    public Dictionary<string, string> EnvironmentOn(LegacyDatabase database) => RunningWorker.Connections(
        database.WorkerConnectionString, new UriBuilder(_servers.AmqpUri) { UserName = Name, Password = Name }.Uri);

    public async ValueTask DisposeAsync() =>
        await _servers.RabbitMq.ControlAsync(["delete_user", Name], CancellationToken.None);

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
