using System.Reflection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>
/// Runs the AppHost's own <c>Main</c> on a thread of its own. It is held once before <c>Build</c>, while the test changes the
/// builder, and ends when <c>Build</c> has made the application, which from then on belongs to the test.
/// </summary>
sealed class AppHostRun : ITestingHook
{
    readonly TaskCompletionSource<DistributedApplicationBuilder> _building = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource<DistributedApplication> _built = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource<bool> _go = new();
    readonly Assembly _assembly;
    readonly Action<DistributedApplicationOptions, HostApplicationBuilderSettings> _configure;

    public AppHostRun(Assembly assembly, string[] args, Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configure)
    {
        _assembly = assembly;
        _configure = configure;
        new Thread(() => Run(args)) { IsBackground = true, Name = "AppHost" }.Start();
    }

    public Task<DistributedApplicationBuilder> BuildingAsync(CancellationToken cancellationToken) => _building.Task.WaitAsync(cancellationToken);

    public Task<DistributedApplication> BuiltAsync(CancellationToken cancellationToken)
    {
        _go.TrySetResult(true);
        return _built.Task.WaitAsync(cancellationToken);
    }

    public void Abandon() => _go.TrySetResult(false);

    void ITestingHook.Creating(DistributedApplicationOptions options, HostApplicationBuilderSettings settings)
    {
        options.Args = TestingDefaults.Arguments(options.Args ?? []);
        options.AssemblyName = _assembly.GetName().Name;
        options.DisableDashboard = true;
        settings.EnvironmentName ??= Environments.Development;
        _configure(options, settings);
    }

    void ITestingHook.Building(DistributedApplicationBuilder builder)
    {
        _building.TrySetResult(builder);
        if (!_go.Task.GetAwaiter().GetResult())
            throw new AppHostEndedException();
    }

    void ITestingHook.Built(DistributedApplication application)
    {
        _built.TrySetResult(application);
        throw new AppHostEndedException();
    }

    void Run(string[] args)
    {
        TestingHooks.Current = this;
        try
        {
            var main = _assembly.EntryPoint ?? throw new InvalidOperationException($"{_assembly.GetName().Name} has no entry point.");
            var result = main.Invoke(null, BindingFlags.DoNotWrapExceptions, null, main.GetParameters().Length == 0 ? null : [args], null);
            (result as Task)?.GetAwaiter().GetResult();
            Fail(new InvalidOperationException("The AppHost ended before it had built its application."));
        }
        catch (AppHostEndedException)
        {
            Fail(new OperationCanceledException("The testing builder was disposed before the application was built."));
        }
        catch (Exception error)
        {
            Fail(error);
        }
    }

    void Fail(Exception error)
    {
        _building.TrySetException(error);
        _built.TrySetException(error);
    }
}

sealed class AppHostEndedException : Exception;
