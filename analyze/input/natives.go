package input

// A nativeNeed is what a language package needs of the distribution, by Debian names.
type nativeNeed struct{ build, run []string }

func need(build, run []string) nativeNeed { return nativeNeed{build, run} }

// Shared needs.
var (
	needPostgres = need([]string{"libpq-dev", "gcc"}, []string{"libpq5"})
	needMySQL    = need([]string{"default-libmysqlclient-dev", "gcc", "pkg-config"}, []string{"libmariadb3"})
	needXML      = need([]string{"libxml2-dev", "libxslt1-dev", "gcc"}, []string{"libxml2", "libxslt1.1"})
	needImages   = need([]string{"libjpeg-dev", "zlib1g-dev", "gcc"}, []string{"libjpeg62-turbo", "zlib1g"})
	needSSL      = need([]string{"libssl-dev", "libffi-dev", "gcc"}, []string{"libssl3", "libffi8"})
	needCompiler = need([]string{"gcc"}, nil)
	needCPlus    = need([]string{"build-essential"}, nil)
	needNodeGyp  = need([]string{"build-essential", "python3"}, nil)
	needSQLite   = need([]string{"libsqlite3-dev", "gcc"}, []string{"libsqlite3-0"})
	needCurl     = need([]string{"libcurl4-openssl-dev", "libssl-dev", "gcc"}, []string{"libcurl4"})
	needLDAP     = need([]string{"libldap2-dev", "libsasl2-dev", "gcc"}, []string{"libldap-2.5-0", "libsasl2-2"})
	needODBC     = need([]string{"unixodbc-dev", "g++"}, []string{"unixodbc"})
	needMagick   = need([]string{"libmagickwand-dev", "gcc", "pkg-config"}, []string{"libmagickwand-6.q16-6"})
	needVips     = need([]string{"libvips-dev", "build-essential"}, []string{"libvips42"})
	needCairo    = need([]string{"libcairo2-dev", "libpango1.0-dev", "build-essential", "pkg-config"}, []string{"libcairo2", "libpango-1.0-0"})
)

// natives are language packages that compile code on installation from
// source, or load a shared library, keyed "language:name". Packages whose
// usual binary form is self-contained still compile on Alpine and on
// architectures without one.
//
// Source: the installation pages of each project.
var natives = map[string]nativeNeed{
	"python:psycopg2":         needPostgres,
	"python:psycopg":          need(nil, []string{"libpq5"}),
	"python:psycopg-c":        needPostgres,
	"python:mysqlclient":      needMySQL,
	"python:mysql-python":     needMySQL,
	"python:lxml":             needXML,
	"python:pillow":           needImages,
	"python:cryptography":     needSSL,
	"python:pyopenssl":        needSSL,
	"python:cffi":             need([]string{"libffi-dev", "gcc"}, []string{"libffi8"}),
	"python:pycurl":           needCurl,
	"python:python-ldap":      needLDAP,
	"python:django-auth-ldap": needLDAP,
	"python:pyodbc":           needODBC,
	"python:uwsgi":            needCompiler,
	"python:gevent":           needCompiler,
	"python:greenlet":         needCPlus,
	"python:numpy":            needCPlus,
	"python:scipy":            need([]string{"build-essential", "gfortran", "libopenblas-dev"}, []string{"libopenblas0"}),
	"python:pandas":           needCPlus,
	"python:bcrypt":           needCompiler,
	"python:psutil":           needCompiler,
	"python:xmlsec":           need([]string{"libxmlsec1-dev", "pkg-config", "gcc"}, []string{"libxmlsec1-openssl"}),
	"python:python3-saml":     need([]string{"libxmlsec1-dev", "pkg-config", "gcc"}, []string{"libxmlsec1-openssl"}),
	"python:pygobject":        need([]string{"libgirepository1.0-dev", "gcc", "pkg-config"}, []string{"gir1.2-glib-2.0"}),
	"python:dbus-python":      need([]string{"libdbus-1-dev", "libglib2.0-dev", "gcc", "pkg-config"}, []string{"libdbus-1-3"}),
	"python:weasyprint":       need(nil, []string{"libpango-1.0-0", "libpangoft2-1.0-0"}),
	"python:python-magic":     need(nil, []string{"libmagic1"}),
	"python:pyyaml":           need([]string{"libyaml-dev", "gcc"}, []string{"libyaml-0-2"}),
	"python:pymssql":          need([]string{"freetds-dev", "gcc"}, []string{"libsybdb5"}),
	"python:gdal":             need([]string{"libgdal-dev", "g++"}, []string{"gdal-bin"}),
	"python:shapely":          need([]string{"libgeos-dev", "gcc"}, []string{"libgeos-c1v5"}),
	"python:rpi.gpio":         needCompiler,
	"python:m2crypto":         need([]string{"libssl-dev", "swig", "gcc"}, []string{"libssl3"}),
	"python:pyzmq":            need([]string{"libzmq3-dev", "g++"}, []string{"libzmq5"}),
	"python:opencv-python":    need(nil, []string{"libgl1", "libglib2.0-0"}),
	"python:pycairo":          needCairo,

	"node:bcrypt":         needNodeGyp,
	"node:sqlite3":        needNodeGyp,
	"node:better-sqlite3": needNodeGyp,
	"node:sharp":          needVips,
	"node:canvas":         needCairo,
	"node:node-sass":      needNodeGyp,
	"node:argon2":         needNodeGyp,
	"node:pg-native":      needPostgres,
	"node:libpq":          needPostgres,
	"node:serialport":     needNodeGyp,
	"node:zeromq":         needNodeGyp,
	"node:node-gyp":       needNodeGyp,
	"node:node-pty":       needNodeGyp,
	"node:usb":            need([]string{"libudev-dev", "build-essential", "python3"}, []string{"libudev1"}),
	"node:puppeteer":      need(nil, []string{"chromium"}),
	"node:bufferutil":     needNodeGyp,
	"node:utf-8-validate": needNodeGyp,
	"node:cpu-features":   needNodeGyp,
	"node:libxmljs":       needNodeGyp,
	"node:oracledb":       needNodeGyp,
	"node:re2":            needNodeGyp,
	"node:epoll":          needNodeGyp,
	"node:farmhash":       needNodeGyp,
	"node:isolated-vm":    needNodeGyp,
	"node:leveldown":      needNodeGyp,
	"node:snmp-native":    needNodeGyp,
	"node:unix-dgram":     needNodeGyp,

	"ruby:pg":               needPostgres,
	"ruby:mysql2":           needMySQL,
	"ruby:sqlite3":          needSQLite,
	"ruby:nokogiri":         needXML,
	"ruby:rmagick":          needMagick,
	"ruby:mini_magick":      need(nil, []string{"imagemagick"}),
	"ruby:ruby-vips":        need(nil, []string{"libvips42"}),
	"ruby:image_processing": need(nil, []string{"imagemagick"}),
	"ruby:curb":             needCurl,
	"ruby:bcrypt":           needCompiler,
	"ruby:puma":             need([]string{"libssl-dev", "gcc", "make"}, []string{"libssl3"}),
	"ruby:unicorn":          needCompiler,
	"ruby:thin":             needCPlus,
	"ruby:eventmachine":     needCPlus,
	"ruby:ffi":              need([]string{"libffi-dev", "gcc"}, []string{"libffi8"}),
	"ruby:charlock_holmes":  need([]string{"libicu-dev", "g++", "cmake"}, []string{"libicu72"}),
	"ruby:rugged":           need([]string{"cmake", "pkg-config", "libssl-dev"}, []string{"libssl3"}),
	"ruby:tiny_tds":         need([]string{"freetds-dev", "gcc"}, []string{"libsybdb5"}),
	"ruby:therubyracer":     needCPlus,
	"ruby:mini_racer":       needCPlus,
	"ruby:sassc":            needCPlus,
	"ruby:idn-ruby":         need([]string{"libidn-dev", "gcc"}, []string{"libidn12"}),
	"ruby:hiredis":          needCompiler,
	"ruby:bootsnap":         needCompiler,
	"ruby:ruby-ldap":        needLDAP,
	"ruby:execjs":           need(nil, []string{"nodejs"}),
}
