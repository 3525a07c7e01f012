using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using VoiceWorker.Persistence;

namespace VoiceWorker.WebConsole.Access;

/// <summary>The keys of cookies and forms, in <c>voice.console_key</c>: replicas of the console accept each other's.
/// While PostgreSQL is away, or must not be written, this process goes on with keys of its own.</summary>
internal sealed class KeyRing(IServiceProvider services, ILogger<KeyRing> logger) : IXmlRepository
{
    private readonly EntityFrameworkCoreXmlRepository<KeyContext> _stored =
        new(services, services.GetRequiredService<ILoggerFactory>());
    private readonly List<XElement> _own = [];
    private IReadOnlyCollection<XElement> _known = [];

    /// <summary>Every key that can be had.</summary>
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        lock (_own)
        {
            try
            {
                _known = _stored.GetAllElements();
            }
            catch (Exception failure)
            {
                logger.ConsoleKeysUnread(SqlFailure.Describe(failure));
            }

            return [.. _known, .. _own];
        }
    }

    /// <summary>Keeps one.</summary>
    public void StoreElement(XElement element, string friendlyName)
    {
        lock (_own)
        {
            try
            {
                _stored.StoreElement(element, friendlyName);
            }
            catch (Exception failure)
            {
                logger.ConsoleKeysUnwritten(SqlFailure.Describe(failure));
                _own.Add(element);
            }
        }
    }
}

/// <summary>Where they lie.</summary>
internal sealed class KeyContext(DbContextOptions<KeyContext> options) : DbContext(options), IDataProtectionKeyContext
{
    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        var key = modelBuilder.Entity<DataProtectionKey>();
        key.ToTable("console_key", "voice", table => table.ExcludeFromMigrations());
        key.Property(one => one.Id).HasColumnName("id");
        key.Property(one => one.FriendlyName).HasColumnName("friendly_name");
        key.Property(one => one.Xml).HasColumnName("xml");
    }
}

/// <summary>Registers it.</summary>
internal static class KeyRingRegistration
{
    public static IServiceCollection AddKeyRing(this IServiceCollection services)
    {
        services.AddDataProtection().SetApplicationName("voice-worker-console");
        services.AddDbContext<KeyContext>((provider, context) =>
            context.UseNpgsql(provider.GetRequiredService<PostgresConnections>().Source));
        return services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(provider =>
            new ConfigureOptions<KeyManagementOptions>(keys => keys.XmlRepository =
                ActivatorUtilities.CreateInstance<KeyRing>(provider)));
    }
}
