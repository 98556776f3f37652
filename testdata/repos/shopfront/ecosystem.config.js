module.exports = {
  apps: [
    {
      name: 'shopfront',
      script: 'src/server.js',
      cwd: '/srv/shopfront',
      instances: 2,
      exec_mode: 'cluster',
      out_file: '/srv/shopfront/logs/out.log',
      error_file: '/srv/shopfront/logs/error.log',
      max_memory_restart: '200M',
      env: { NODE_ENV: 'development' },
      env_production: { NODE_ENV: 'production', PORT: 3000 },
    },
    {
      name: 'shopfront-mailer',
      script: 'src/mailer.js',
      cwd: '/srv/shopfront',
      env_production: { NODE_ENV: 'production' },
    },
  ],
};
