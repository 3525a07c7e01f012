using System.Globalization;
using Microsoft.AspNetCore.Routing;
using VoiceWorker.Boot;
using VoiceWorker.Verbs.Shell;
using k8s.Models;

namespace VoiceWorker.Tests.Repository.Deploy;

/// <summary>The manifests against the worker that they deploy.</summary>
public sealed class KubernetesTests
{
    private static readonly int[] Hopeless =
        [ExitCode.Usage, ExitCode.PrivilegeMissing, ExitCode.VerificationFailed, ExitCode.Unsupported];

    [Fact]
    public async Task The_probes_ask_what_the_worker_answers_where_it_listens()
    {
        await using var worker = WorkerHost.BuildWorker(
            ["--ConnectionStrings:Postgres=Host=h;Database=d", "--ConnectionStrings:RabbitMq=amqp://h"]);
        var answered = ((IEndpointRouteBuilder)worker).DataSources.SelectMany(source => source.Endpoints)
            .OfType<RouteEndpoint>().Select(endpoint => endpoint.RoutePattern.RawText).ToList();
        var probes = new[] { Manifests.Worker.StartupProbe, Manifests.Worker.LivenessProbe, Manifests.Worker.ReadinessProbe };
        var port = Assert.Single(Manifests.Worker.Ports);

        Assert.Equal(["/health/live", "/health/live", "/health/ready"], probes.Select(probe => probe.HttpGet.Path));
        Assert.All(probes, probe => Assert.Contains(probe.HttpGet.Path, answered));
        Assert.All(probes, probe => Assert.Equal(port.Name, probe.HttpGet.Port.Value));
        Assert.Equal(["run", "--urls", $"http://0.0.0.0:{port.ContainerPort}"], Manifests.Worker.Args);
        Assert.Equal(port.Name, Assert.Single(Manifests.Service.Spec.Ports).TargetPort.Value);
    }

    [Fact]
    public void A_pod_has_longer_to_leave_than_the_worker_takes()
    {
        var timeout = TimeSpan.Parse(Manifests.Settings["Shutdown__Timeout"], CultureInfo.InvariantCulture);

        Assert.True(TimeSpan.FromSeconds(Manifests.Deployment.Spec.Template.Spec.TerminationGracePeriodSeconds!.Value) >= timeout + TimeSpan.FromSeconds(10));
        Assert.True(timeout >= new ShutdownOptions().Timeout);
    }

    [Fact]
    public void Every_variable_is_a_setting_that_there_is_and_the_secret_ones_are_references()
    {
        var variables = Manifests.Worker.Env.Concat(Manifests.Migrator.Env).ToList();
        var settings = variables.Select(variable => variable.Name).Where(name => !name.StartsWith("DOTNET_", StringComparison.Ordinal));

        Assert.All(settings.Concat(Manifests.Settings.Keys), name => Assert.True(IsSetting(name), name));
        Assert.All(
            variables.Where(variable => variable.Name.StartsWith("ConnectionStrings__", StringComparison.Ordinal)),
            variable => Assert.NotNull(variable.ValueFrom.SecretKeyRef));
    }

    [Fact]
    public void Only_the_migration_has_the_migrator_s_secret()
    {
        Assert.All(Manifests.Worker.Env.Where(IsSecret), variable => Assert.Equal("voice-worker", variable.ValueFrom.SecretKeyRef.Name));
        Assert.Equal("voice-worker-migrator", Manifests.Migrator.Env[0].ValueFrom.SecretKeyRef.Name);
        Assert.Equal(["migrate"], Manifests.Migrator.Args);
    }

    [Fact]
    public void No_container_may_write_or_become_more_than_it_is()
    {
        foreach (var pod in new[] { Manifests.Deployment.Spec.Template.Spec, Manifests.Migration.Spec.Template.Spec })
        {
            Assert.True(pod.SecurityContext.RunAsNonRoot);
            Assert.False(pod.AutomountServiceAccountToken);
            var context = Assert.Single(pod.Containers).SecurityContext;
            Assert.True(context.ReadOnlyRootFilesystem);
            Assert.False(context.AllowPrivilegeEscalation);
            Assert.Equal(["ALL"], context.Capabilities.Drop);
            Assert.Equal("/tmp", Assert.Single(pod.Containers[0].VolumeMounts).MountPath);
        }
    }

    [Fact]
    public void What_does_not_mend_itself_is_not_tried_again()
    {
        var rule = Assert.Single(Manifests.Migration.Spec.PodFailurePolicy.Rules);

        Assert.Equal(Hopeless, rule.OnExitCodes.Values);
        Assert.Equal(Manifests.Migrator.Name, rule.OnExitCodes.ContainerName);
        Assert.True(Manifests.Migration.Spec.ActiveDeadlineSeconds > new Persistence.Schema.MigrationOptions().LockBudget.TotalSeconds);
    }

    [Fact]
    public void Everything_means_the_same_pods()
    {
        var labels = Manifests.Deployment.Spec.Template.Metadata.Labels;

        Assert.Equal(labels, Manifests.Deployment.Spec.Selector.MatchLabels);
        Assert.Equal(labels, Manifests.Service.Spec.Selector);
        Assert.Equal(labels, Manifests.DisruptionBudget.Spec.Selector.MatchLabels);
        Assert.NotEqual(labels, Manifests.Migration.Spec.Template.Metadata.Labels);
        Assert.Equal(Manifests.Worker.Image, Manifests.Migrator.Image);
    }

    [Theory]
    [InlineData("worker")]
    [InlineData("migrate")]
    [InlineData("keda")]
    [InlineData("cluster")]
    public void A_kustomization_names_every_file_beside_it(string folder)
    {
        var named = ((List<object>)Manifests.Plain($"{folder}/kustomization.yaml")["resources"]).Cast<string>();
        var there = RepositoryFiles.FilesBelow($"{Manifests.Folder}/{folder}").Select(Path.GetFileName).Where(file => file != "kustomization.yaml");

        Assert.Equal(there.Order(StringComparer.Ordinal), named.Where(name => name != "../worker").Order(StringComparer.Ordinal));
    }

    private static bool IsSecret(V1EnvVar variable) => variable.ValueFrom?.SecretKeyRef is not null;

    internal static bool IsSetting(string variable) =>
        variable.Split("__") is [var section, var name, ..]
        && SettingSections.Types.TryGetValue(section, out var options) && options.GetProperty(name) is not null;
}
