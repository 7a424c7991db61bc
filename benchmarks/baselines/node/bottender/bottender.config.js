// The framework as its documentation sets it up, with the signature check on. Whatever it may call is on this machine.
module.exports = {
  channels: {
    messenger: {
      enabled: true,
      path: '/webhook',
      pageId: process.env.PAGE,
      appId: process.env.APP_ID,
      appSecret: process.env.APP_SECRET,
      accessToken: process.env.PAGE_TOKEN,
      verifyToken: process.env.VERIFY_TOKEN,
      origin: 'http://127.0.0.1:1',
    },
  },
};
