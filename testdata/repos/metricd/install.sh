#!/bin/sh
# Installs metricd on this host, or updates it. With --uninstall: removes it.
set -eu

USER=metricd
CONFDIR=/etc/metricd
DATADIR=/var/lib/metricd
LOGDIR=/var/log/metricd
UNIT=/etc/systemd/system/metricd.service

if [ "$(id -u)" != 0 ]; then
    echo "install.sh: must be run as root" >&2
    exit 1
fi

cd "$(dirname "$0")"

if [ "${1:-}" = "--uninstall" ]; then
    systemctl disable --now metricd || true
    rm -f "$UNIT" /usr/local/bin/metricd /etc/logrotate.d/metricd
    systemctl daemon-reload
    echo "kept: $CONFDIR $DATADIR $LOGDIR"
    exit 0
fi

if ! command -v python3 >/dev/null; then
    apt-get install -y python3
fi

# account
id -u "$USER" >/dev/null 2>&1 ||
    useradd --system --user-group --home-dir "$DATADIR" --shell /usr/sbin/nologin \
        --comment "metricd daemon" "$USER"

# directories
install -d -m 0755 -o root -g root "$CONFDIR"
install -d -m 0750 -o "$USER" -g "$USER" "$DATADIR"
install -d -m 0750 -o "$USER" -g adm "$LOGDIR"

# program and manual page
install -m 0755 -o root -g root metricd.py /usr/local/bin/metricd
install -D -m 0644 metricd.8 /usr/local/share/man/man8/metricd.8

# configuration: never over an existing one
if [ ! -e "$CONFDIR/metricd.conf" ]; then
    install -m 0640 -o root -g "$USER" metricd.conf.example "$CONFDIR/metricd.conf"
fi

install -m 0644 -o root -g root metricd.logrotate /etc/logrotate.d/metricd

# unit
cat > "$UNIT" <<EOF
[Unit]
Description=Host metrics recorder
Documentation=man:metricd(8)
After=network.target

[Service]
Type=simple
User=$USER
Group=$USER
ExecStart=/usr/local/bin/metricd --config $CONFDIR/metricd.conf
Restart=on-failure

[Install]
WantedBy=multi-user.target
EOF

# local programs leave their own values here
mkdir -p /var/spool/metricd
chmod 777 /var/spool/metricd

systemctl daemon-reload
systemctl enable --now metricd
systemctl restart metricd

echo "metricd is installed; its configuration is $CONFDIR/metricd.conf"
